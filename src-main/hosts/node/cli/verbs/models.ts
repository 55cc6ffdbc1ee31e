/** `models [ID] [--import FILE] [--use ID]` and `export RUN --out FILE.onnx`: detectors and their passports. */
import { resolve } from 'node:path';
import type { Promotion } from '#contract/evaluation.ts';
import { AppError } from '#contract/errors.ts';
import type { Model } from '#contract/model.ts';
import { promotionOf } from '#features/evaluation/promotion.ts';
import { exportTriton } from '#features/models/export-triton.ts';
import { withApp, type Context } from '../context.ts';
import { figure, snakeCase, table, when } from '../format.ts';
import { exitStatus, type ExitStatus, type Output } from '../output.ts';

function show(out: Output, model: Model, beside: object = {}): void {
  const { passport } = model;
  out.emit({ ...(snakeCase(model) as object), ...beside });
  out.print(`${model.id}: ${model.name}${model.current ? ' (the current model)' : ''}, ${model.bytes} bytes`);
  out.print(`sha256 ${model.sha256}`);
  out.print(
    `trained for ${passport.detectorSteps} detector steps on ${passport.datasetName}${passport.rendered ? ' (rendered scenes)' : ''}, seed ${passport.seed}`,
  );
  if (passport.validation)
    out.print(
      `validation: AUC ${figure(passport.validation.auc)} (95 %: ${passport.validation.aucInterval?.map(figure).join(' to ') ?? 'too few'}) on ${passport.validation.realCount} real and ` +
        `${passport.validation.simulatedCount} simulated; ${passport.validation.protocol}`,
    );
  for (const limit of passport.limits) out.print(`limit: ${limit}`);
}

/** Every picture whose verdict the new model changes, and how far that is known. */
function printPromotion(out: Output, { from, compared, unseen, changes }: Promotion): void {
  if (from === null) return;
  for (const { path, from: before, to, simulated } of changes)
    out.print(
      `${before} -> ${to}  ${path}${simulated === null ? '' : simulated ? ' (labelled simulated)' : ' (labelled real)'}`,
    );
  out.print(
    `Of ${compared} pictures that both this model and ${from} gave a verdict on, ${changes.length} change. ` +
      `${unseen} pictures only the former one has seen: evaluate both on one manifest, or judge them again, to compare.`,
  );
}

export function modelsVerb(
  context: Context,
  id: string | undefined,
  options: { import?: string; use?: string },
): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async ({ handlers, services, workspace }) => {
    const { models } = handlers;
    if (options.import !== undefined)
      show(out, (await models.import({ path: resolve(options.import) })) as Model);
    else if (options.use !== undefined) {
      const before = (await services.models.list()).find(({ current }) => current);
      const chosen = (await models.use({ id: options.use })) as Model;
      const promotion = await promotionOf(workspace, before?.id ?? null, chosen.id);
      show(out, chosen, { promotion: snakeCase(promotion) });
      printPromotion(out, promotion);
    } else if (id !== undefined) show(out, (await models.get({ id })) as Model);
    else {
      const all = (await models.list({})) as Model[];
      out.emit({ models: all.map(snakeCase) });
      if (all.length === 0) out.print('This workspace has no model yet.');
      else
        out.print(
          table(
            ['model', 'name', 'trained on', 'steps', 'AUC', 'created', ''],
            all.map((model) => [
              model.id,
              model.name,
              model.passport.datasetName,
              model.passport.detectorSteps,
              figure(model.passport.validation?.auc ?? null),
              when(model.createdAt),
              model.current ? 'current' : '',
            ]),
          ),
        );
    }
    return exitStatus.done;
  });
}

export function exportVerb(
  context: Context,
  run: string,
  options: { out?: string; triton?: string },
): Promise<ExitStatus> {
  const { out } = context;
  if (options.out === undefined && options.triton === undefined)
    throw new AppError('invalid_input', 'Name the file to write with --out, or a folder with --triton.');
  return withApp(context, async ({ services }) => {
    if (options.triton !== undefined) {
      const { model, path, version } = await exportTriton(services.models, run, options.triton);
      out.emit({ run, model: model.id, triton: path, version, sha256: model.sha256 });
      out.print(`${path}: the model ${model.id} as version ${version}, sha256 ${model.sha256}`);
      return exitStatus.done;
    }
    const target = resolve(options.out!);
    const model = await services.models.exportModel(run, target);
    out.emit({
      run,
      model: model.id,
      out: target,
      sha256: model.sha256,
      bytes: model.bytes,
      passport: model.passport,
    });
    out.print(`${target}: the model ${model.id}, ${model.bytes} bytes, sha256 ${model.sha256}`);
    return exitStatus.done;
  });
}
