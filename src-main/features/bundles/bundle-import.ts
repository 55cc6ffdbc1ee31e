/**
 * Takes the case of a bundle into a workspace. The bundle is checked whole before anything is written; its files are then
 * laid into the blob store, each hashed again, and all rows are written in one transaction with the audit entry, so that
 * the case is there whole or not at all. Ids stay what they were. What cannot stay is in the entry: `mapped`.
 */
import { statfs } from 'node:fs/promises';
import type { Transaction } from 'kysely';
import type { BundleManifest, BundleReport } from '#contract/bundle.ts';
import { AppError } from '#contract/errors.ts';
import type { ProgressUpdate } from '#features/jobs/progress-meter.ts';
import type { BlobStore, StagedBlob } from '#storage/blob-store.ts';
import { sealedAtOnce, type SealedRow } from '#storage/row-seals.ts';
import type { WorkspaceDatabase } from '#storage/schema.ts';
import type { Workspace } from '#storage/workspace.ts';
import { filePath, rowsPath, type BundleRow } from './bundle-layout.ts';
import type { BundleReader } from './bundle-reader.ts';
import { readRows } from './check-rows.ts';

type Context = { signal: AbortSignal; progress: (update: ProgressUpdate) => void };
type Mapped = BundleReport['mapped'];

const rowsAtOnce = 500;
const filesAtOnce = 64;

export class BundleImport {
  readonly #workspace: Workspace;
  readonly #reader: BundleReader;
  readonly #manifest: BundleManifest;
  readonly #context: Context;
  /** The bundle, and the program that reads it. */
  readonly #of: { path: string; manifestSha256: string; programVersion: string };

  constructor(
    workspace: Workspace,
    reader: BundleReader,
    manifest: BundleManifest,
    of: { path: string; manifestSha256: string; programVersion: string },
    context: Context,
  ) {
    this.#workspace = workspace;
    this.#reader = reader;
    this.#manifest = manifest;
    this.#of = of;
    this.#context = context;
  }

  /** Errors: `case_exists`, `disk_full`, `bundle_invalid`, `cancelled`; the workspace is as it was then. */
  async run(): Promise<Pick<BundleReport, 'absent' | 'mapped'>> {
    await this.#refuseKnown(this.#workspace.db);
    await this.#refuseFullDisk();
    const files = await this.#layFiles();
    const mapped: Mapped = [];
    const absent: BundleReport['absent'] = [];
    const writing = this.#workspace.db.transaction().execute(async (transaction) => {
      await this.#refuseKnown(transaction);
      for (const chunk of chunks(files)) await this.#workspace.blobs.record(transaction, chunk);
      const written: SealedRow[] = [];
      const noted = noteRows(written);
      await this.#insert(transaction, 'cases', noted('cases', readRows(this.#reader, 'case')));
      const kept = new Set(files.filter((file) => file.kind === 'original').map((file) => file.hash));
      const evidence = this.#evidence(kept, absent, mapped);
      await this.#insert(transaction, 'evidence_items', noted('evidence_items', evidence));
      const labelled = new Set([this.#manifest.case.id]);
      const derived = withOwners(labelled, readRows(this.#reader, 'derived'));
      await this.#insert(transaction, 'derived_files', derived);
      await this.#insert(transaction, 'derived_files', [this.#extractLabel(files)]);
      written.push(...[...labelled].map((id) => ({ table: 'derived_files' as const, id })));
      await this.#insert(transaction, 'models', noted('models', this.#models(transaction, mapped)));
      await this.#insert(transaction, 'verdicts', noted('verdicts', readRows(this.#reader, 'verdicts')));
      await this.#insert(transaction, 'analyses', noted('analyses', readRows(this.#reader, 'analyses')));
      await this.#insert(transaction, 'reviews', noted('reviews', readRows(this.#reader, 'reviews')));
      this.#record(transaction, written, mapped);
    });
    await writing.catch(async (error: unknown) => {
      await this.#workspace.blobs.discard(files);
      throw error;
    });
    return { absent, mapped };
  }

  async #refuseKnown(db: Pick<Transaction<WorkspaceDatabase>, 'selectFrom'>): Promise<void> {
    const { id, name } = this.#manifest.case;
    const rows = await db
      .selectFrom('cases')
      .select('id')
      .where((where) => where.or([where('id', '=', id), where('name', '=', name)]))
      .execute();
    if (rows.some((row) => row.id === id))
      throw new AppError('case_exists', `The case "${name}" of this bundle is in this workspace already.`, {
        hint: 'Take it into another workspace with --data-dir.',
      });
    if (rows.length > 0)
      throw new AppError('case_exists', `There is another case "${name}" here.`, {
        hint: 'Give the case that is here another name first.',
      });
  }

  async #refuseFullDisk(): Promise<void> {
    const needed = this.#manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    const { bavail, bsize } = await statfs(this.#workspace.folder);
    if (bavail * bsize < needed)
      throw new AppError('disk_full', `The bundle needs ${needed} bytes, and ${bavail * bsize} are free.`);
  }

  /** Lays every file of the bundle into the blob store; without their rows they are not believed yet. */
  async #layFiles(): Promise<StagedBlob[]> {
    const { blobs } = this.#workspace;
    const { signal, progress } = this.#context;
    const laid: StagedBlob[] = [];
    let batch: StagedBlob[] = [];
    const keep = async (): Promise<void> => {
      await blobs.keep(batch);
      laid.push(...batch);
      batch = [];
    };
    try {
      for await (const row of readRows(this.#reader, 'files')) {
        if (signal.aborted)
          throw new AppError('cancelled', 'The import was stopped; nothing of it was kept.');
        batch.push(await stageExact(blobs, this.#reader, filePath(row.hash), row));
        if (batch.length >= filesAtOnce) await keep();
        progress({ done: laid.length, total: this.#manifest.files.length, label: filePath(row.hash) });
      }
      const audit = this.#manifest.files.find((file) => file.path === rowsPath('audit'))!;
      const facts = { hash: audit.sha256, media_type: 'application/x-ndjson', kind: 'derived' as const };
      batch.push(await stageExact(blobs, this.#reader, audit.path, facts));
      await keep();
      return laid;
    } catch (error) {
      await blobs.discard([...laid, ...batch]);
      throw error;
    }
  }

  async *#evidence(
    kept: ReadonlySet<string>,
    absent: BundleReport['absent'],
    mapped: Mapped,
  ): AsyncGenerator<BundleRow<'evidence'>> {
    for await (const row of readRows(this.#reader, 'evidence')) {
      const here = { ...row };
      if (kept.has(row.sha256)) {
        // What was kept by reference there came with the bundle, and is a copy here.
        Object.assign(here, { storage: 'copy', blob: row.sha256, state: 'intact', state_reason: null });
        if (row.storage === 'reference')
          mapped.push({ what: `storage of ${row.id}`, from: 'reference', to: 'copy' });
      } else {
        const reason = 'Its original did not come with the bundle.';
        Object.assign(here, { blob: null, state: 'missing', state_reason: reason });
        absent.push({ id: row.id, sha256: row.sha256, state: row.state });
      }
      if (here.state !== row.state)
        mapped.push({ what: `state of ${row.id}`, from: row.state, to: here.state });
      yield here;
    }
  }

  /** The models that are not here yet. */
  async *#models(
    transaction: Transaction<WorkspaceDatabase>,
    mapped: Mapped,
  ): AsyncGenerator<BundleRow<'models'>> {
    for await (const row of readRows(this.#reader, 'models')) {
      const known = await transaction
        .selectFrom('models')
        .select('sha256')
        .where('id', '=', row.id)
        .executeTakeFirst();
      if (known?.sha256 === row.sha256) continue;
      if (known) throw new AppError('bundle_invalid', `The model ${row.id} is another one here.`);
      // Its run stays where it was, and which model is used here is not for a bundle to say.
      if (row.run_id !== null) mapped.push({ what: `run of the model ${row.id}`, from: row.run_id, to: '' });
      yield { ...row, run_id: null, is_current: 0 as const };
    }
  }

  /** The entries that came with the bundle are a file of the case; they are no part of the log here. */
  #extractLabel(files: readonly StagedBlob[]): BundleRow<'derived'> {
    return {
      case_id: this.#manifest.case.id,
      evidence_id: null,
      blob: files.at(-1)!.hash,
      purpose: 'audit extract',
      tool: 'Pentimento bundle import',
      tool_version: this.#of.programVersion,
      parameters: JSON.stringify({ writtenBy: this.#manifest.programVersion, at: this.#manifest.createdAt }),
      source_sha256: this.#of.manifestSha256,
      created_at: Date.now(),
    };
  }

  #record(transaction: Transaction<WorkspaceDatabase>, seals: readonly SealedRow[], mapped: Mapped): void {
    const { contents, counts, case: of } = this.#manifest;
    for (let at = 0; at === 0 || at < seals.length; at += sealedAtOnce)
      this.#workspace.audit.record(transaction, {
        action: 'case.imported',
        subject: { kind: 'case', id: of.id },
        payload: {
          ...{ name: of.name, from: this.#of.path, manifest: this.#of.manifestSha256, contents, counts },
          ...(at === 0 ? { mapped } : {}),
        },
        seal: seals.slice(at, at + sealedAtOnce),
      });
  }

  async #insert(
    transaction: Transaction<WorkspaceDatabase>,
    table: 'cases' | 'evidence_items' | 'derived_files' | 'models' | 'verdicts' | 'analyses' | 'reviews',
    rows: Iterable<object> | AsyncIterable<object>,
  ): Promise<void> {
    let batch: object[] = [];
    const flush = async (): Promise<void> => {
      // Each row has passed the schema of its table.
      if (batch.length > 0)
        await transaction
          .insertInto(table)
          .values(batch as never)
          .execute();
      batch = [];
    };
    for await (const row of rows) {
      batch.push(row);
      if (batch.length >= rowsAtOnce) await flush();
    }
    await flush();
  }
}

/** Passes rows on and notes which they are. */
const noteRows = (written: SealedRow[]) =>
  async function* <Row extends { id: string }>(
    table: SealedRow['table'],
    rows: AsyncIterable<Row>,
  ): AsyncGenerator<Row> {
    for await (const row of rows) {
      written.push({ table, id: row.id });
      yield row;
    }
  };

/** Passes labels of derived files on and notes what they belong to. */
async function* withOwners(
  owners: Set<string>,
  rows: AsyncIterable<BundleRow<'derived'>>,
): AsyncGenerator<BundleRow<'derived'>> {
  for await (const row of rows) {
    owners.add(row.evidence_id ?? row.case_id);
    yield row;
  }
}

/** Stages a file of the bundle. Errors: `bundle_invalid` where its bytes are not those of its hash. */
async function stageExact(
  blobs: BlobStore,
  reader: BundleReader,
  path: string,
  { hash, media_type, kind }: Pick<BundleRow<'files'>, 'hash' | 'media_type' | 'kind'>,
): Promise<StagedBlob> {
  const staged = await blobs.stage(reader.pieces(path), media_type, kind);
  if (staged.hash === hash) return staged;
  await blobs.discard([staged]);
  throw new AppError('bundle_invalid', `${path} changed while it was read.`);
}

function* chunks<T>(list: readonly T[]): Generator<T[]> {
  for (let at = 0; at < list.length; at += rowsAtOnce) yield list.slice(at, at + rowsAtOnce);
}
