/** `demo`: the main job, end to end, in a new workspace. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { decodePhotograph } from '#compute/decoding/decode-photograph.ts';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import {
  DemonstrationService,
  type DemonstrationEvent,
  type DemonstrationResult,
} from '#features/demonstration/demonstration.service.ts';
import { resaving } from '#features/evaluation/forgery-trial.ts';
import type { Estimate } from '#features/evaluation/trial-report.ts';
import { withApp, type Context } from '../context.ts';
import { duration, figure, progressText, table } from '../format.ts';
import { exitStatus, type ExitStatus, type Output } from '../output.ts';
import { metricText } from '../metric-text.ts';

export interface DemoOptions {
  real?: string;
  minutes: number;
  seed: number;
  scenes: number;
}

/** Where no terminal shows the live line, a person gets a line this often. */
const noteEveryMs = 15_000;

/** Tells what is going on: each stage once, and its progress on the live line. */
function reporter(out: Output): (event: DemonstrationEvent) => void {
  const stages = {
    dataset: 'Taking the photographs in ...',
    training: 'Training ...',
    crops: 'Cutting held-out photographs and forging them ...',
    trial: 'Judging the crops with the exported model ...',
    check: 'Checking the calibration on whole held-out photographs ...',
    photographs: 'Judging whole held-out photographs ...',
  };
  let stage = '';
  let noted = Date.now();
  return (event) => {
    if (event.stage === 'log') {
      out.note(event.entry.message);
      return;
    }
    if (event.stage !== stage) {
      stage = event.stage;
      out.note(stages[event.stage]);
    }
    if (event.stage === 'training') {
      if (!event.metric) return;
      out.status(metricText(event.metric));
      if (process.stderr.isTTY || Date.now() - noted < noteEveryMs) return;
      noted = Date.now();
      out.note(metricText(event.metric));
    } else if (event.stage === 'trial') out.status(event.label);
    else if (event.stage === 'crops' || event.stage === 'check')
      out.status(`${event.done}/${event.total} photographs`);
    else out.status(progressText(event));
  };
}

const estimate = ({ value, interval }: Estimate): string =>
  interval ? `${figure(value)} [${figure(interval[0])}, ${figure(interval[1])}]` : figure(value);

const protocol =
  'Crops of held-out photographs on the grid of the tiles; each untouched crop is the host of one forged crop an ' +
  'operation, and splices come from other held-out photographs. None of the operations is used in training. ' +
  `auc_q90: every crop of both classes saved again as JPEG of quality ${resaving.quality}, ${resaving.chromaSubsampling}. ` +
  'The means are over the operations without local-median. Intervals: 95 %, bootstrap over photographs.';

function document(workspace: string, seed: number, result: DemonstrationResult): object {
  const { run, model, trial, photographs, rendered, check } = result;
  const { main, all } = trial.means;
  return {
    workspace,
    run: run.id,
    model: model.id,
    minutes: run.trainedSeconds / 60,
    detector_steps: run.step,
    backend: run.backend?.name ?? null,
    operations: trial.operations.map(({ name, lossless, resaved, count }) => ({
      name,
      auc_lossless: lossless.value,
      auc_q90: resaved.value,
      count,
      auc_lossless_interval: lossless.interval,
      auc_q90_interval: resaved.interval,
    })),
    mean_auc_lossless: main.lossless.value,
    mean_auc_q90: main.resaved.value,
    pixel_auc: trial.pixel.lossless.value,
    maps: photographs.flatMap(({ maps }) => maps),
    intervals: {
      mean_auc_lossless: main.lossless.interval,
      mean_auc_q90: main.resaved.interval,
      pixel_auc: trial.pixel.lossless.interval,
    },
    mean_auc_with_local_median: { lossless: all.lossless.value, q90: all.resaved.value },
    seed,
    rendered,
    held_out_photographs: trial.photographs,
    photographs: photographs.map(({ operation, path, mask, verdict, maps }) => ({
      ...{
        path,
        operation,
        mask,
        verdict: verdict.verdict,
        reason: verdict.reason,
        score: verdict.score,
        maps,
      },
    })),
    calibration: {
      held_out: check.tiers.map(({ tier, cllr, cllrMin, calibration, auc, verdicts, categories }) => ({
        ...{ tier, auc: auc.value, auc_interval: auc.interval },
        ...{ cllr: cllr?.value ?? null, cllr_min: cllrMin?.value ?? null, verdicts },
        loss: calibration,
        categories: categories.map(({ category, auc, atChance, verdicts }) => ({
          ...{ category, auc: auc.value, auc_interval: auc.interval, at_chance: atChance },
          verdicts: verdicts.simulated,
        })),
      })),
      ...{ photographs: check.photographs, pictures: check.pictures },
    },
    validation_page: result.validationPage,
    protocol,
  };
}

function print(
  out: Output,
  workspace: string,
  { run, model, trial, photographs, rendered, check, validationPage }: DemonstrationResult,
): void {
  const { main, all } = trial.means;
  if (rendered)
    out.print('All pictures were rendered by this program; the figures say nothing of photographs.');
  out.print(
    `Run ${run.id}: ${run.step} detector steps in ${duration(run.trainedSeconds)} on ${run.backend?.name} (${run.backend?.device}); model ${model.id}.\n`,
  );
  const row = (name: string, lossless: Estimate, resaved: Estimate, count: number | '') => [
    ...[name, estimate(lossless), estimate(resaved), String(count)],
  ];
  out.print(
    table(
      ['operation', 'AUC lossless', 'AUC re-saved at quality 90', 'crops'],
      [
        ...trial.operations.map(({ name, lossless, resaved, count }) => row(name, lossless, resaved, count)),
        row('mean without local-median', main.lossless, main.resaved, ''),
        row('mean of all', all.lossless, all.resaved, ''),
        row('pixels of the map', trial.pixel.lossless, trial.pixel.resaved, ''),
      ],
    ),
  );
  out.print(`\n${protocol}\n${trial.photographs} held-out photographs.\n`);
  const count = (value: number | null | undefined): string => figure(value ?? null);
  out.print(
    table(
      [
        'whole held-out photographs',
        'AUC',
        'C_llr',
        'C_llr_min',
        'untouched ones called',
        'forged ones called',
      ],
      check.tiers.map(({ tier, auc, cllr, cllrMin, verdicts }) => [
        ...[tier, estimate(auc), count(cllr?.value), count(cllrMin?.value)],
        ...[verdicts.real, verdicts.simulated].map(
          ({ real, simulated, inconclusive }) =>
            `${real} real, ${simulated} simulated, ${inconclusive} inconclusive`,
        ),
      ]),
    ),
  );
  out.print(`\nWhat the model can and cannot judge: ${validationPage}\n`);
  out.print(
    table(
      ['whole photograph', 'verdict', 'score'],
      photographs.map(({ path, verdict }) => [path, verdict.verdict, verdict.score.toFixed(2)]),
    ),
  );
  out.print(`\nMaps:\n${photographs.flatMap(({ maps }) => maps).join('\n')}\n\nWorkspace: ${workspace}`);
}

export async function demoVerb(context: Context, options: DemoOptions): Promise<ExitStatus> {
  const { out, signal } = context;
  const dataDir = context.dataDirNamed ? context.dataDir : await mkdtemp(join(tmpdir(), 'pentimento-demo-'));
  out.note(`Workspace: ${dataDir}`);
  return withApp({ dataDir }, async ({ handlers, workspace }) => {
    const demonstration = new DemonstrationService({
      handlers,
      workspace: workspace.folder,
      blobPath: (hash) => workspace.blobs.pathOf(hash),
      decode: decodePhotograph,
      codec: jpegCodec,
    });
    const result = await demonstration.run(
      {
        real: options.real === undefined ? null : resolve(options.real),
        scenes: options.scenes,
        minutes: options.minutes,
        seed: options.seed,
      },
      { signal, report: reporter(out) },
    );
    out.emit(document(workspace.folder, options.seed, result));
    print(out, workspace.folder, result);
    return exitStatus.done;
  });
}
