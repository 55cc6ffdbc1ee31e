/**
 * How fast the store takes evidence in, and how fast a large case is read: real files, real intakes, a real workspace in a
 * temporary folder, beside the rate at which SQLite inserts rows of that size in transactions of that size here and now.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import { evidenceSort, type EvidenceFilter, type EvidenceOrder } from '#contract/evidence.ts';
import { examinePhotograph } from '#compute/decoding/examine-photograph.ts';
import { CaseService } from '#features/cases/case.service.ts';
import { DetectionService } from '#features/detection/detection.service.ts';
import { EvidenceService } from '#features/evidence/evidence.service.ts';
import { batchSize, readAhead } from '#features/evidence/intake.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { measuredCase, type MeasuredCase, type MeasuredReport } from '#features/measurement/measured-case.ts';
import { thisMachine } from '#features/method-study/provenance.ts';
import { ModelService } from '#features/models/model.service.ts';
import { peakMegabytes } from '#compute/peak-memory.ts';
import type { StagedBlob } from '#storage/blob-store.ts';
import { openDatabase } from '#storage/open-database.ts';
import { Workspace } from '#storage/workspace.ts';
import { writePictures } from './tiny-pictures.ts';

export type StoreOptions = {
  /** Items in the case at which the rate is told, ascending. */
  sizes: readonly number[];
  signal: AbortSignal;
  report: (text: string) => void;
};

const limits = { openingMs: 300, pageMs: 50, similarMs: 100, memoryMb: 500 };
const name = 'Benchmark';

/** Errors: `cancelled`, those of the workspace. */
export async function benchmarkStore(options: StoreOptions): Promise<MeasuredReport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pentimento-bench-'));
  const workspace = await Workspace.open(path.join(folder, 'workspace'), { holder: 'bench store' });
  try {
    return { machine: thisMachine(), cases: await new StoreBenchmark(workspace, folder, options).run() };
  } finally {
    await workspace.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class StoreBenchmark {
  readonly #workspace: Workspace;
  readonly #folder: string;
  readonly #options: StoreOptions;
  readonly #jobs: JobService;
  readonly #cases: CaseService;
  readonly #evidence: EvidenceService;
  readonly #found: MeasuredCase[] = [];

  constructor(workspace: Workspace, folder: string, options: StoreOptions) {
    this.#workspace = workspace;
    this.#folder = folder;
    this.#options = options;
    this.#jobs = new JobService(new JobRepository(workspace.db));
    this.#cases = new CaseService(workspace);
    const [jobs, models] = [this.#jobs, new ModelService(workspace)];
    const programVersion = 'benchmark';
    const detection = new DetectionService({ workspace, models, jobs, programVersion });
    this.#evidence = new EvidenceService({ workspace, cases: this.#cases, detection, jobs, programVersion });
  }

  async run(): Promise<MeasuredCase[]> {
    const raw = await this.#rawInserts();
    this.#note('raw_insert', raw, 'rows/s', null);
    await this.#parts(raw);
    const { id } = await this.#cases.create({ name });
    await this.#intakes(raw);
    this.#vary();
    await this.#time('opening_case', limits.openingMs, () => this.#cases.overview(id));
    await this.#pages(id);
    await this.#similar(id);
    this.#note('peak_memory', peakMegabytes(), 'MB', limits.memoryMb);
    return this.#found;
  }

  /** Rows of 1 KB in transactions of as many as an intake's, flushed like those. */
  async #rawInserts(): Promise<number> {
    const database = await openDatabase(path.join(this.#folder, 'raw.sqlite'), []);
    try {
      database.exec('CREATE TABLE raw (sequence INTEGER PRIMARY KEY, row TEXT NOT NULL) STRICT');
      const insert = database.prepare('INSERT INTO raw (row) VALUES (?)');
      const row = 'x'.repeat(1024);
      const batch = database.transaction(() => {
        for (let at = 0; at < batchSize; at++) insert.run(row);
      });
      const begun = performance.now();
      let batches = 0;
      while (performance.now() - begun < 2000) {
        batch.immediate();
        batches++;
      }
      return (batches * batchSize * 1000) / (performance.now() - begun);
    } finally {
      database.close();
    }
  }

  /** What an intake's rate is made of, each by itself, as many at once as an intake has. */
  async #parts(raw: number): Promise<void> {
    const count = Math.min(500, this.#options.sizes[0]!);
    const folder = path.join(this.#folder, 'parts');
    const files = writePictures(folder, 10_000_000, count).flatMap((within) =>
      Array.from({ length: count }, (_, at) => path.join(within, `IMG_${10_000_000 + at}.png`)),
    );
    const { blobs } = this.#workspace;
    const rate = async (work: (file: string) => Promise<unknown>): Promise<number> => {
      const begun = performance.now();
      for (let at = 0; at < files.length; at += readAhead)
        await Promise.all(files.slice(at, at + readAhead).map(work));
      return (files.length * 1000) / (performance.now() - begun);
    };
    this.#note('decode_and_thumbnail', await rate((file) => examinePhotograph(file)), 'pictures/s', raw);
    let staged: StagedBlob[] = [];
    const stored = await rate(async (file) => {
      staged.push(await blobs.stageFile(file, 'image/png', 'original'));
      staged.push(await blobs.stage(Buffer.from(file), 'image/webp', 'derived'));
      if (staged.length < 2 * batchSize) return;
      const batch = staged;
      staged = [];
      await blobs.keep(batch);
    });
    await blobs.discard(staged);
    this.#note('copy_hash_and_flush', stored, 'pictures/s', raw);
  }

  /** One case that grows: the rate up to each size, and that of the last tenth beside that of the first. */
  async #intakes(raw: number): Promise<void> {
    const { sizes, signal, report } = this.#options;
    const last = sizes.at(-1)!;
    const marks = [...new Set([...sizes, last / 10, (last * 9) / 10])].sort((a, b) => a - b);
    const seconds = new Map<number, number>([[0, 0]]);
    let [done, spent] = [0, 0];
    for (const mark of marks) {
      const folder = path.join(this.#folder, 'pictures', String(mark));
      report(`Rendering pictures up to ${mark}`);
      const paths = writePictures(folder, done, mark - done);
      report(`Taking in up to ${mark}`);
      const begun = performance.now();
      const { jobId } = await this.#evidence.takeIn({ paths, case: name, storage: 'copy' });
      const cancel = (): void => void this.#jobs.cancel(jobId);
      signal.addEventListener('abort', cancel, { once: true });
      const job = await this.#jobs.wait(jobId);
      signal.removeEventListener('abort', cancel);
      if (signal.aborted) throw new AppError('cancelled', 'The benchmark was stopped.');
      if (job.kind !== 'intake' || job.result?.added !== mark - done)
        throw new AppError('internal', `The intake did not take all in: ${JSON.stringify(job.error)}.`);
      spent += (performance.now() - begun) / 1000;
      seconds.set(mark, spent);
      await rm(folder, { recursive: true });
      done = mark;
      if (sizes.includes(mark)) this.#note(`intake_${mark}`, mark / spent, 'pictures/s', raw);
    }
    const first = seconds.get(last / 10)!;
    const tenth = seconds.get(last)! - seconds.get((last * 9) / 10)!;
    this.#note('intake_last_tenth', last / 10 / tenth, 'pictures/s', last / 10 / first);
  }

  /** Gives the items states, verdicts and tags as a case in work has them, without the work. */
  #vary(): void {
    this.#options.report('Giving the items states, verdicts and tags');
    this.#workspace.sqlite.exec(`UPDATE evidence_items SET
      state = CASE sequence % 20 WHEN 0 THEN 'changed' WHEN 1 THEN 'missing' ELSE 'intact' END,
      state_reason = CASE WHEN sequence % 20 < 2 THEN 'It is so.' END,
      verdict = CASE sequence % 4 WHEN 0 THEN 'real' WHEN 1 THEN 'simulated' WHEN 2 THEN 'inconclusive' END,
      score = CASE WHEN sequence % 4 < 3 THEN (sequence * 7919 % 10007) / 1000.0 END,
      tags = CASE sequence % 3 WHEN 0 THEN '["face"]' WHEN 1 THEN '["face","night"]' ELSE '[]' END`);
  }

  async #pages(caseId: string): Promise<void> {
    const limit = 100;
    const page = async (filter: EvidenceFilter, order: EvidenceOrder, share: number): Promise<void> => {
      const { total } = await this.#evidence.items(caseId, filter, order, { offset: 0, limit: 1 });
      const offset = Math.max(0, Math.floor((total - limit) * share));
      const what = Object.entries(filter).map(([key, value]) => `_${key}_${value}`);
      const where = share === 0 ? 'first' : share === 1 ? 'last' : 'middle';
      const direction = order.descending ? '_descending' : '';
      const label = `page_${order.sort}${direction}${what.join('').replaceAll(' ', '_')}_${where}`;
      await this.#time(label, limits.pageMs, () =>
        this.#evidence.items(caseId, filter, order, { offset, limit }),
      );
    };
    for (const sort of evidenceSort.options)
      for (const share of [0, 0.5, 1]) await page({}, { sort, descending: share === 0.5 }, share);
    const filters: EvidenceFilter[] = [
      { state: 'changed' },
      { verdict: 'simulated' },
      { verdict: 'none' },
      { format: 'png' },
      { tag: 'night' },
      { text: 'img_77' },
      { text: 'no such name' },
      { state: 'changed', verdict: 'real', tag: 'face', text: 'png' },
    ];
    for (const filter of filters)
      for (const sort of ['name', 'score'] as const) await page(filter, { sort, descending: true }, 1);
  }

  async #similar(caseId: string): Promise<void> {
    const { items } = await this.#evidence.items(
      caseId,
      {},
      { sort: 'taken', descending: true },
      { offset: 0, limit: 1 },
    );
    const search = () =>
      this.#evidence.similar(items[0]!.id, { distance: 10, everywhere: false, limit: 100 });
    const begun = performance.now();
    await search();
    this.#note('near_duplicates_first_search', performance.now() - begun, 'ms', null);
    await this.#time('near_duplicates', limits.similarMs, search);
  }

  /** The median of seven. */
  async #time(label: string, limit: number, work: () => Promise<unknown>): Promise<void> {
    if (this.#options.signal.aborted) throw new AppError('cancelled', 'The benchmark was stopped.');
    const times: number[] = [];
    for (let at = 0; at < 7; at++) {
      const begun = performance.now();
      await work();
      times.push(performance.now() - begun);
    }
    this.#note(label, times.sort((a, b) => a - b)[3]!, 'ms', limit);
  }

  #note(label: string, value: number, unit: string, ceiling: number | null): void {
    this.#found.push(measuredCase(label, value, unit, ceiling));
    this.#options.report(`${label}: ${value.toFixed(1)} ${unit}`);
  }
}
