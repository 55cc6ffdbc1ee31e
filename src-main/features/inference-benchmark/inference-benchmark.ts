/**
 * How fast pictures are judged: real triage runs over JPEGs, in a workspace of their own, with the process that judges, the files
 * and the database that any run has. Beside it stand the rate of matrix products of the same ONNX Runtime, and how the time and
 * the memory grow with the size and the number of pictures.
 */
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { forkChild, type ChildProcess } from '#compute/child-process.ts';
import { createJudgeHost, type JudgeHost } from '#compute/judging/judge-host.ts';
import type { JudgedPicture } from '#compute/judging/judge-picture.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { thisMachine } from '#features/method-study/provenance.ts';
import { ModelService } from '#features/models/model.service.ts';
import { largeScene } from '#features/samples/large-scene.ts';
import { matrixProductRate } from '#features/training-benchmark/matrix-products.ts';
import { TriageService } from '#features/triage/triage.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { writeUntrainedDetector } from './untrained-detector.ts';

export interface InferenceCase {
  name: string;
  provider: string;
  photographs: number;
  megapixels: number;
  tiles_per_second: number;
  photographs_per_minute: number;
  /** Of the time from the first picture's start to the last one's end. */
  share_in_runtime: number;
  /** Of convolutions and matrix products, counted from the exported graph, over that time. */
  gflops: number;
  share_of_matmul: number;
  /** Of the process that judges; null where the system does not tell. */
  peak_mb: number | null;
  /** What it holds at the end less what it held after the first tenth of the pictures. */
  growth_mb: number | null;
}
export interface InferenceReport {
  machine: ReturnType<typeof thisMachine>;
  matmul_gflops: number;
  gflop_per_tile: number;
  cases: InferenceCase[];
}
export interface InferenceBenchmark {
  /** Pictures of each size, and of the smallest one how many for the growth of memory; 0 for none. */
  photographs: number;
  many: number;
  /** Width and height of the pictures; each is a triage run of its own. */
  sizes?: readonly (readonly [number, number])[];
  signal: AbortSignal;
  report: (text: string) => void;
}

const usualSizes = [
  [1000, 750],
  [2000, 1500],
  [4000, 3000],
] as const;

/** Resident memory of a process now and at its highest, in MB (2^20 bytes). */
function memoryOf(pid: number | undefined): { now: number; peak: number } | null {
  if (process.platform !== 'linux' || pid === undefined) return null;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)![1]) / 1024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

/** A host whose judges tell of each picture that they judged, and of the process that did. */
function watchedHost(
  tell: (judged: JudgedPicture, by: { pid: number | undefined; provider: string }) => void,
): JudgeHost {
  let child: ChildProcess | undefined;
  const host = createJudgeHost({ spawn: (...how) => (child = forkChild(...how)) });
  return {
    async open(model) {
      const judge = await host.open(model);
      return {
        passport: judge.passport,
        provider: judge.provider,
        judge: async (...asked) => {
          const judged = await judge.judge(...asked);
          tell(judged, { pid: child?.pid, provider: judged.provider });
          return judged;
        },
        judgeChanges: (...asked) => judge.judgeChanges(...asked),
        close: () => judge.close(),
      };
    },
  };
}

/** @throws AppError `cancelled`, `backend_unavailable`, those of the workspace */
export async function benchmarkInference(options: InferenceBenchmark): Promise<InferenceReport> {
  const { photographs, many, sizes = usualSizes, signal, report } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'pentimento-bench-'));
  try {
    report('matrix products');
    const backend = await createOrtBackend({ provider: 'cpu' });
    const matmul = await matrixProductRate(backend).finally(() => backend.dispose());
    const model = path.join(folder, 'detector.onnx');
    const work = await writeUntrainedDetector(model);
    const cases: InferenceCase[] = [];
    const runs = [
      ...sizes.map((size) => ({ size, count: photographs })),
      ...(many > 0 ? [{ size: sizes[0]!, count: many }] : []),
    ];
    for (const [index, { size, count }] of runs.entries()) {
      if (signal.aborted) throw new AppError('cancelled', 'The benchmark was stopped.');
      report(`${count} pictures of ${size[0]} x ${size[1]}`);
      const home = path.join(folder, String(index));
      const found = await triage({ home, model, size, count, signal });
      const gflops = (work.matrix * found.tiles) / found.seconds / 1e9;
      cases.push({
        name: `triage, ${count} JPEGs of ${size[0]} x ${size[1]}`,
        ...{ provider: found.provider, photographs: count, megapixels: (size[0] * size[1]) / 1e6 },
        tiles_per_second: found.tiles / found.seconds,
        photographs_per_minute: (60 * found.counted) / found.seconds,
        share_in_runtime: found.runtimeSeconds / found.seconds,
        ...{ gflops, share_of_matmul: gflops / matmul },
        ...{ peak_mb: found.peak, growth_mb: found.growth },
      });
    }
    const gflopPerTile = work.matrix / 1e9;
    return { machine: thisMachine(), matmul_gflops: matmul, gflop_per_tile: gflopPerTile, cases };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Run {
  home: string;
  model: string;
  size: readonly [number, number];
  count: number;
  signal: AbortSignal;
}

/** One run; the first picture, before which the model is opened and caches are cold, begins the clock when it ends. */
async function triage({ home, model, size: [width, height], count, signal }: Run) {
  const pictures = path.join(home, 'pictures');
  await mkdir(pictures, { recursive: true });
  const first = path.join(pictures, '0.jpg');
  await writeFile(first, await largeScene(width, height, 1));
  for (let i = 1; i <= count; i++) await copyFile(first, path.join(pictures, `${i}.jpg`));
  const marks: { at: number; tiles: number; runtime: number; memory: number | null }[] = [];
  let peak: number | null = null;
  let provider = '';
  const judging = watchedHost(({ judgement, ms }, by) => {
    const memory = memoryOf(by.pid);
    provider = by.provider;
    peak = memory?.peak ?? null;
    const { tiles } = judgement;
    marks.push({ at: performance.now(), tiles, runtime: ms.runtime, memory: memory?.now ?? null });
  });
  const workspace = await Workspace.open(path.join(home, 'workspace'), { holder: 'bench inference' });
  const jobs = new JobService(new JobRepository(workspace.db));
  try {
    const models = new ModelService(workspace, judging);
    await models.import(model);
    const service = new TriageService({ workspace, models, jobs, judging });
    const { jobId } = await service.start({ folders: [{ path: pictures, priority: 0 }], rules: [] });
    const stop = (): void => void jobs.cancel(jobId);
    signal.addEventListener('abort', stop, { once: true });
    const job = await jobs.wait(jobId).finally(() => signal.removeEventListener('abort', stop));
    if (job.error) throw AppError.fromData(job.error);
    if (signal.aborted) throw new AppError('cancelled', 'The benchmark was stopped.');
  } finally {
    await jobs.close();
    await workspace.close();
  }
  const [start, ...counted] = marks;
  const early = marks[Math.ceil(marks.length / 10)]?.memory ?? null;
  const late = marks.at(-1)?.memory ?? null;
  return {
    provider,
    counted: counted.length,
    tiles: counted.reduce((sum, { tiles }) => sum + tiles, 0),
    seconds: (counted.at(-1)!.at - start!.at) / 1000,
    runtimeSeconds: counted.reduce((sum, { runtime }) => sum + runtime, 0) / 1000,
    peak,
    growth: early === null || late === null ? null : late - early,
  };
}
