/** `bench kernels`: whether the generator's masks stay sound with one kernel, two, four and eight. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#contract/errors.ts';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { photographSource } from '#compute/trainer/photographs.ts';
import type { KernelFigures } from '#features/method-study/kernel-figures.ts';
import { kernelStudy } from '#features/method-study/kernel-study.ts';
import { trainingPhotographs } from '#features/method-study/train-variant.ts';
import type { StudyFile } from '#features/method-study/study-data.ts';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';
import type { Context } from '../context.ts';
import { table } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export interface BenchKernelsOptions {
  /** Folder of real photographs. */
  photographs: string;
  counts: number[];
  steps: number;
  seed: number;
  threads: number;
}

/** Blends that the masks are measured on. */
const samples = 64;
/** Where no terminal shows the live line, a person gets a line this often. */
const noteEveryMs = 30_000;

async function filesIn(folder: string): Promise<StudyFile[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw AppError.from(cause);
  });
  const pictures = names.filter((name) => /\.(jpe?g|png|webp|tiff?)$/i.test(name)).sort();
  return Promise.all(
    pictures.map(async (name) => {
      const path = join(folder, name);
      const sha256 = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      return { path, name, sha256 };
    }),
  );
}

const percent = (share: number): string => (100 * share).toFixed(1);
const range = ({ least, most }: { least: number; most: number }): string =>
  `${percent(least)}-${percent(most)}`;

const text = (rows: readonly KernelFigures[]): string =>
  table(
    [
      'k',
      'steps',
      'areas of M_i, %',
      'of M, %',
      'deviation',
      'cosine',
      '|x_B - x_r|',
      'accuracy',
      'collapse',
    ],
    rows.map((row) => [
      row.kernels,
      row.steps,
      row.areas.map(range).join(' '),
      range(row.fused_area),
      row.deviation.toFixed(3),
      row.cosine.toFixed(3),
      row.blend_change.toFixed(1),
      row.accuracy.toFixed(2),
      [...new Set([...row.outside, ...row.signs])].join(' ') || 'none',
    ]),
  );

/** Ends with status 1 where any of the trainings collapsed. */
export async function benchKernelsVerb(
  { out, signal }: Context,
  { photographs, counts, steps, seed, threads }: BenchKernelsOptions,
): Promise<ExitStatus> {
  const { crop } = resolveTrainingConfig();
  const source = photographSource(await trainingPhotographs(await filesIn(photographs), crop));
  const backend = await createOrtBackend({ provider: 'cpu', threads });
  let noted = Date.now();
  try {
    const rows = await kernelStudy(
      { photographs: { real: source, foreign: source }, backend, counts, steps, seed, samples },
      {
        signal,
        report: (k, step, { losses, accuracy }) => {
          const line = `k = ${k}: step ${step} of ${steps}, L_cls ${losses.cls.toFixed(3)}, accuracy ${accuracy.toFixed(2)}`;
          out.status(line);
          if (process.stderr.isTTY || Date.now() - noted < noteEveryMs) return;
          noted = Date.now();
          out.note(line);
        },
      },
    );
    out.emit({ photographs: source.count, seed, rows });
    out.print(text(rows));
    return rows.every(({ outside }) => outside.length === 0) ? exitStatus.done : exitStatus.failed;
  } finally {
    await backend.dispose();
  }
}
