/**
 * On which of ONNX Runtime's providers a model judges: the fastest of those that this machine has and that agree with the
 * processor. It is tried when a model is first opened on a machine, on the same tiles, and remembered. A provider that fails or
 * disagrees is left out, with the reason; one that fails later gives way to the processor in the middle of the work.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { AppError } from '#contract/errors.ts';
import {
  judgingChoice,
  type BackendStatus,
  type JudgingChoice,
  type ProviderTrial,
} from '#contract/system.ts';
import { Random } from '#engine/random.ts';
import { openDetector, type Detector, type TileOutputs } from '#inference/detector-session.ts';
import { gpus } from '../backends/graphics-adapter.ts';
import { ortProviders } from '../backends/ort-providers.ts';
import { writeFileWhole } from '../write-file.ts';
import { FallingBack } from './falling-back.ts';

/** Of each value of each output: the difference from the processor's, beside one and its size. */
export const TOLERANCE = 1e-3;
const TILES = 32;
const RUNS = 3;
/** Choices beyond these are forgotten, the oldest first. */
const MOST = 50;

export interface ProviderPorts {
  /** The machine's own where absent. */
  statuses?: () => Promise<Pick<BackendStatus, 'provider' | 'ready' | 'reason' | 'software'>[]>;
  open?: (provider: string) => Promise<Detector>;
}

const thisMachine = (): JudgingChoice['machine'] => ({
  processor: os.cpus()[0]?.model ?? '',
  threads: os.availableParallelism(),
  gpus: gpus(),
});

/** What is remembered of this machine, the latest first; nothing where the file is absent or is no such file. */
export async function judgingChoicesHere(file: string): Promise<JudgingChoice[]> {
  const all = await readFile(file, 'utf8')
    .then((text) => z.array(judgingChoice).parse(JSON.parse(text)))
    .catch(() => []);
  const machine = thisMachine();
  return all.filter((one) => isDeepStrictEqual(one.machine, machine));
}

/**
 * Opens the model at `path` on the provider that is remembered in the file `memory`, or on the fastest that agrees.
 * @throws AppError of `openDetector` on the processor
 */
export async function openFastest(
  path: string,
  { name, memory }: { name: string; memory: string },
  ports: ProviderPorts = {},
): Promise<Detector> {
  const { statuses = ortProviders, open = (provider) => openDetector(path, { name, provider }) } = ports;
  const cpu = await open('cpu');
  const model = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  const known = await judgingChoicesHere(memory);
  const remembered = known.find((one) => one.model === model)?.chosen;
  if (remembered === 'cpu') return cpu;
  if (remembered !== undefined) {
    const again = await open(remembered).catch(() => null);
    if (again) return new FallingBack(again, cpu);
  }
  const { fastest, trials } = await tryProviders(cpu, await statuses(), open);
  const chosen = fastest?.provider ?? 'cpu';
  const choice = { machine: thisMachine(), model, name, at: Date.now(), chosen, trials };
  const kept = [choice, ...known.filter((one) => one.model !== model)].slice(0, MOST);
  // What cannot be remembered, as in a workspace that is open for reading only, is measured anew.
  await writeFileWhole(memory, Buffer.from(`${JSON.stringify(kept, null, 2)}\n`)).catch(() => undefined);
  return fastest ? new FallingBack(fastest, cpu) : cpu;
}

/** The fastest beside the processor, open, or null where that is the processor itself. */
async function tryProviders(
  cpu: Detector,
  statuses: Awaited<ReturnType<NonNullable<ProviderPorts['statuses']>>>,
  open: (provider: string) => Promise<Detector>,
): Promise<{ fastest: Detector | null; trials: ProviderTrial[] }> {
  const others = statuses.filter(({ provider }) => provider !== 'cpu');
  const left = (provider: string, problem: string): ProviderTrial => ({
    ...{ provider, milliseconds: null, difference: null, problem },
  });
  const usable = others.filter(({ ready, software }) => ready && software === undefined);
  if (usable.length === 0)
    return { fastest: null, trials: others.map((one) => left(one.provider, why(one))) };
  const tiles = exampleTiles(cpu.passport.tileSize);
  const reference = await cpu.run(tiles, TILES);
  let best = await milliseconds(cpu, tiles);
  let fastest: Detector | null = null;
  const trials: ProviderTrial[] = [{ provider: 'cpu', milliseconds: best, difference: 0, problem: '' }];
  for (const status of others) {
    const { provider } = status;
    if (!usable.includes(status)) {
      trials.push(left(provider, why(status)));
      continue;
    }
    let opened: Detector | null = null;
    try {
      opened = await open(provider);
      const difference = furthest(reference, await opened.run(tiles, TILES));
      if (!(difference <= TOLERANCE)) {
        const problem = `left out: it differs from the processor by ${difference.toExponential(1)}, and at most ${TOLERANCE} is taken`;
        trials.push({ provider, milliseconds: null, difference, problem });
        await opened.dispose();
        continue;
      }
      const time = await milliseconds(opened, tiles);
      trials.push({ provider, milliseconds: time, difference, problem: '' });
      if (time < best) {
        await fastest?.dispose();
        [fastest, best] = [opened, time];
      } else await opened.dispose();
    } catch (cause) {
      await opened?.dispose();
      trials.push(left(provider, `left out: ${AppError.from(cause).message}`));
    }
  }
  return { fastest, trials };
}

const why = ({ reason, software }: { reason: string; software?: string | undefined }): string =>
  software === undefined ? reason : `no GPU: the software adapter ${software} computes on the processor`;

/** Edges, slopes and noise, the same each time. */
function exampleTiles(side: number): Uint8Array {
  const random = new Random('provider trial');
  return Uint8Array.from({ length: TILES * side * side * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / (3 * side))];
    return Math.min(255, 40 + x + (y % 40 < 20 ? 70 : 0) + random.integer(60));
  });
}

async function milliseconds(detector: Detector, tiles: Uint8Array): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < RUNS; i++) {
    const begun = performance.now();
    await detector.run(tiles, TILES);
    least = Math.min(least, performance.now() - begun);
  }
  return least;
}

/** The largest |difference| / max(1, |value|) over all outputs. */
export function furthest(reference: TileOutputs, found: TileOutputs): number {
  let most = 0;
  for (const key of Object.keys(reference) as (keyof TileOutputs)[])
    reference[key].forEach((value, i) => {
      most = Math.max(most, Math.abs(found[key][i]! - value) / Math.max(1, Math.abs(value)));
    });
  return most;
}
