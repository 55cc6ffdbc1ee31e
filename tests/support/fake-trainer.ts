/**
 * A fake trainer process: it trains nothing, but speaks contract/trainer-messages.ts as the real one does, and does what
 * the start message's `overrides.script` tells it, step by step. After a resumption it follows `overrides.resumed`
 * where there is one. What it was started with is written to `start.json` in the run's folder.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FromTrainer, ToTrainer, TrainerStart } from '#contract/trainer-messages.ts';
import { tinyDetectorBytes, tinyPassport } from './tiny-detector.ts';

export type FakeAction =
  | { do: 'ready' }
  | { do: 'metric'; step: number }
  | { do: 'log'; message: string }
  | { do: 'checkpoint'; step: number }
  /** Sends samples whose pictures are single grey pixels. */
  | { do: 'samples'; step: number }
  /** Sends something outside the contract. */
  | { do: 'garbage'; value: unknown }
  | { do: 'print'; text: string }
  /** Ends itself by a signal; with `once`, only the first time in this run's folder. */
  | { do: 'signal'; signal: NodeJS.Signals; once?: boolean }
  | { do: 'throw'; message: string }
  | { do: 'exit'; code: number }
  /** Stays until it is told to stop, or its parent goes. */
  | { do: 'wait' }
  | { do: 'wait-deaf' }
  | { do: 'failed'; message: string }
  | { do: 'done'; step: number; brokenModel?: boolean };

/** An 8-bit grey PNG of one white pixel. */
const PIXEL_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTmgBwAAAABJRU5ErkJggg==',
  'base64',
);
let step = 0;
let deaf = false;
let directory = '';
const send = (message: FromTrainer): Promise<void> =>
  new Promise((resolve) => process.send!(message, undefined, undefined, () => resolve()));

const file = (name: string, bytes: Uint8Array): string => {
  const path = join(directory, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, bytes);
  return path;
};
const checkpoint = (at: number): Promise<void> =>
  send({
    type: 'checkpoint',
    step: at,
    path: file(`checkpoints/${at}.safetensors`, Buffer.from(`weights of step ${at}`)),
    trainedSeconds: at / 10,
  });

async function act(action: FakeAction): Promise<void> {
  if ('step' in action) step = action.step;
  switch (action.do) {
    case 'ready':
      return send({
        type: 'ready',
        backend: { name: 'fake', provider: 'none', device: 'nothing' },
        config: { batch: 32 },
      });
    case 'metric':
      return send({
        type: 'metric',
        metric: {
          step,
          losses: { cls: 1 / (step + 1), sim: 0, div: 0, totalGenerator: 1, totalDetector: 1 },
          accuracy: 0.5,
          maskArea: 0.2,
          imagesPerSecond: 10,
          dataWaitShare: 0,
          etaSeconds: null,
        },
        trainedSeconds: step / 10,
        peakMegabytes: 300,
      });
    case 'log':
      return send({ type: 'log', entry: { at: 1, level: 'info', code: 'note', message: action.message } });
    case 'checkpoint':
      return checkpoint(step);
    case 'samples': {
      const picture = (name: string): string => file(`samples/${step}-${name}.png`, PIXEL_PNG);
      const map = (name: string) =>
        ({ path: picture(name), width: 1, height: 1, bits: 8, min: 0, max: 1, unit: 'P' }) as const;
      return send({
        type: 'samples',
        step,
        samples: [
          {
            index: 0,
            reference: picture('reference'),
            real: picture('real'),
            blended: picture('blended'),
            styled: picture('styled'),
            fusedMask: map('mask'),
            masks: [map('mask-0'), map('mask-1')],
            maps: [map('map-0'), map('map-1')],
            fusedMap: map('map'),
            globalSpectrum: map('global'),
            localSpectrum: map('local'),
            logitBlended: 1.5,
            logitReal: -1.5,
            kernelCosines: {
              masks: [
                [1, 0.25],
                [0.25, 1],
              ],
              maps: [
                [1, -0.5],
                [-0.5, 1],
              ],
            },
          },
        ],
      });
    }
    case 'garbage':
      return send(action.value as FromTrainer);
    case 'print':
      return new Promise((resolve) => process.stderr.write(action.text, () => resolve()));
    case 'signal': {
      const marker = join(directory, 'signalled');
      if (action.once && existsSync(marker)) return;
      writeFileSync(marker, '');
      process.kill(process.pid, action.signal);
      return new Promise(() => undefined);
    }
    case 'throw':
      throw new Error(action.message);
    case 'exit':
      return process.exit(action.code);
    case 'wait-deaf':
      deaf = true;
      return new Promise(() => undefined);
    case 'wait':
      return new Promise(() => undefined);
    case 'failed':
      await send({
        type: 'failed',
        error: { code: 'training_diverged', message: action.message, hint: 'Lower the learning rate.' },
      });
      return process.exit(1);
    case 'done':
      await send({
        type: 'done',
        step,
        model: {
          path: file('model.onnx', action.brokenModel ? Buffer.from('no model') : tinyDetectorBytes()),
          passport: tinyPassport(),
        },
      });
      return process.exit(0);
  }
}

async function start(message: TrainerStart): Promise<void> {
  directory = message.directory;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'start.json'), JSON.stringify(message));
  const { script, resumed } = message.overrides as { script: FakeAction[]; resumed?: FakeAction[] };
  for (const action of message.resumeFrom === null ? script : (resumed ?? script)) await act(action);
}

process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToTrainer) => {
  if (message.type === 'start') void start(message);
  else if (!deaf)
    void checkpoint(step)
      .then(() => send({ type: 'stopped', step }))
      .then(() => process.exit(0));
});
