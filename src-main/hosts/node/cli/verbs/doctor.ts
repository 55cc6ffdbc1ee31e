/** `doctor`: what this machine offers, and for each thing that is absent, why; `--collect FILE` writes diagnostics. */
import { resolve } from 'node:path';
import type { CollectedDiagnostics } from '#contract/diagnostics.ts';
import { AppError } from '#contract/errors.ts';
import type { SystemReport } from '#contract/system.ts';
import { backendStatuses } from '../../../backend-status.ts';
import { logsFolder } from '../../../log-file.ts';
import { programVersion } from '../../../program-files.ts';
import { withApp, type Context } from '../context.ts';
import { snakeCase, table } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

type Facts = Pick<SystemReport, 'version' | 'node' | 'electron' | 'backends' | 'measurements' | 'judging'>;

/** What `auto` measured on this machine, and picked. */
function showMeasurements(out: Context['out'], measurements: Facts['measurements']): void {
  for (const { at, machine, shapes, chosen, backends } of measurements) {
    const { crop, realPerBatch, blendsPerBatch, stylePerBatch, kernels } = shapes;
    const pictures = Number(realPerBatch) + Number(blendsPerBatch) + Number(stylePerBatch);
    out.print(
      `\nauto picks ${chosen.name}/${chosen.provider} for batches of ${pictures} pictures of ${crop} x ${crop} and ` +
        `${kernels} kernels, measured on ${new Date(at).toISOString().slice(0, 10)} by version ${machine.programVersion}:`,
    );
    out.print(
      table(
        ['backend', 'provider', 'ms an iteration', 'device', 'remark'],
        backends.map(({ name, provider, milliseconds, device, problem }) => [
          name,
          provider,
          milliseconds === null ? '' : String(Math.round(milliseconds)),
          device,
          problem,
        ]),
      ),
    );
  }
}

/** On which provider each model judges, and why not on the others. */
function showJudging(out: Context['out'], judging: Facts['judging']): void {
  for (const { name, at, chosen, trials } of judging) {
    out.print(`\n${name} judges on ${chosen}, tried on ${new Date(at).toISOString().slice(0, 10)}:`);
    out.print(
      table(
        ['provider', 'ms of 32 tiles', 'differs by', 'remark'],
        trials.map(({ provider, milliseconds, difference, problem }) => [
          provider,
          milliseconds === null ? '' : String(Math.round(milliseconds)),
          difference === null ? '' : difference.toExponential(1),
          problem,
        ]),
      ),
    );
  }
}

function show({ out }: Context, facts: Facts, storage: object): void {
  const { version, node, electron, backends, measurements, judging } = facts;
  out.emit({
    ...{ version, node, electron, backends },
    measurements: measurements.map((measurement) => snakeCase(measurement)),
    judging: snakeCase(judging),
    storage: snakeCase(storage),
  });
  out.print(
    `Pentimento ${version}, Node ${node}, ${electron === null ? 'no Electron' : `Electron ${electron}`}`,
  );
  out.print(
    table(
      ['backend', 'provider', 'ready', 'device', 'why not'],
      backends.map(({ name, provider, ready, device, reason }) => [
        name,
        provider,
        ready ? 'yes' : 'no',
        device,
        reason,
      ]),
    ),
  );
  showMeasurements(out, measurements);
  showJudging(out, judging);
  for (const [name, value] of Object.entries(snakeCase(storage) as object))
    out.print(`${name.replaceAll('_', ' ')}: ${value}`);
}

export async function doctorVerb(
  context: Context,
  { collect }: { collect?: string } = {},
): Promise<ExitStatus> {
  if (collect !== undefined) return collectDiagnostics(context, resolve(collect));
  try {
    return await withApp(context, async ({ handlers }) => {
      const report = await handlers.system.report({});
      show(context, report, report.storage);
      return exitStatus.done;
    });
  } catch (cause) {
    // A workspace that cannot be opened is itself a finding; the rest is told all the same.
    const { code, message, hint } = AppError.from(cause);
    const facts = {
      version: programVersion,
      node: process.versions.node,
      electron: null,
      backends: await backendStatuses(),
      measurements: [],
      judging: [],
    };
    show(context, facts, {
      workspace: context.dataDir,
      writable: false,
      problem: `${code}: ${message} ${hint}`,
    });
    return exitStatus.failed;
  }
}

/** Of a workspace that cannot be opened they are collected as well, and say why. */
async function collectDiagnostics(context: Context, path: string): Promise<ExitStatus> {
  const { out, dataDir } = context;
  let opened = false;
  const tell = (written: CollectedDiagnostics, problem: AppError | null): ExitStatus => {
    out.emit({ ...written, ...(problem ? { problem: problem.code } : {}) });
    if (problem) out.print(`The workspace could not be opened: ${problem.code}: ${problem.message}`);
    out.print(`${written.path}: ${written.bytes} bytes, ${written.files.join(', ')}`);
    out.print('It holds no picture and no name; look into it before you send it.');
    return exitStatus.done;
  };
  try {
    return await withApp(context, async ({ handlers }) => {
      opened = true;
      return tell(await handlers.diagnostics.collect({ path }), null);
    });
  } catch (failure) {
    if (opened) throw failure;
    const { collectUnopened } = await import('#features/diagnostics/unopened-diagnostics.ts');
    const about = { dataDir, failure, logs: logsFolder(dataDir), version: programVersion };
    return tell(
      await collectUnopened(path, { ...about, host: 'cli', backends: backendStatuses }),
      AppError.from(failure),
    );
  }
}
