/**
 * Takes files away to which nothing in the workspace refers: what an import stored and then refused, what a program left
 * that ended between two steps. It first says exactly what that is, and records what it removed.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { CollectionPlan, UnreferencedFile } from '#contract/retention.ts';
import { canonicalDigest } from '#storage/canonical-json.ts';
import { referencedHashes } from '#storage/references.ts';
import type { Workspace } from '#storage/workspace.ts';

const day = 86_400_000;
const listed = 200;
/** Hashes of one entry of the log. */
const recordedAtOnce = 1000;

export class RetentionService {
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  plan(): CollectionPlan {
    const files = this.#unreferenced();
    const stored = this.#workspace.sqlite
      .prepare<[], { files: number; bytes: number }>(
        'SELECT count(*) AS files, coalesce(sum(bytes), 0) AS bytes FROM blobs',
      )
      .get();
    return {
      files: files.length,
      bytes: sum(files),
      listed: files.toSorted((a, b) => b.bytes - a.bytes).slice(0, listed),
      digest: digestOf(files),
      stored: stored ?? { files: 0, bytes: 0 },
    };
  }

  /**
   * Removes what a plan told of, and nothing else.
   * Errors: `workspace_busy` while a job or a run goes on, `invalid_input` where it is no longer what was told.
   */
  async collect(digest: string): Promise<{ files: number; bytes: number }> {
    const { db, audit } = this.#workspace;
    const files = await db.transaction().execute(async (transaction) => {
      this.#refuseWhileBusy();
      const found = this.#unreferenced();
      if (digestOf(found) !== digest)
        throw new AppError('invalid_input', 'What can be removed has changed since it was shown.', {
          hint: 'Look at what would be removed, then try again.',
        });
      for (let done = 0; done < found.length; done += recordedAtOnce) {
        const some = found.slice(done, done + recordedAtOnce);
        const hashes = some.map(({ hash }) => hash);
        await transaction.deleteFrom('blobs').where('hash', 'in', hashes).execute();
        audit.record(transaction, {
          action: 'storage.collected',
          subject: { kind: 'workspace', id: 'workspace' },
          payload: { files: some.length, bytes: sum(some), hashes },
        });
      }
      return found;
    });
    // A program that ends here leaves files without rows, which the next collection finds.
    for (const { hash } of files) rmSync(this.#workspace.blobs.pathOf(hash), { force: true });
    return { files: files.length, bytes: sum(files) };
  }

  #unreferenced(): UnreferencedFile[] {
    const { sqlite, settings } = this.#workspace;
    const before = Date.now() - settings.get('unreferencedDays') * day;
    const referenced = referencedHashes(sqlite);
    const rows = sqlite
      .prepare<[], UnreferencedFile>(
        'SELECT hash, bytes, kind, created_at AS storedAt FROM blobs ORDER BY hash',
      )
      .all();
    const known = new Set(rows.map(({ hash }) => hash));
    const leftOver = this.#filesOnDisk().filter(({ hash }) => !known.has(hash));
    return [...rows.filter(({ hash }) => !referenced.has(hash)), ...leftOver].filter(
      ({ storedAt }) => storedAt < before,
    );
  }

  #filesOnDisk(): UnreferencedFile[] {
    const { folder } = this.#workspace.blobs;
    if (!existsSync(folder)) return [];
    const prefixes = readdirSync(folder).filter((name) => /^[0-9a-f]{2}$/.test(name));
    return prefixes.flatMap((prefix) =>
      readdirSync(path.join(folder, prefix))
        .filter((name) => /^[0-9a-f]{64}$/.test(name) && name.startsWith(prefix))
        .flatMap((hash): UnreferencedFile[] => {
          const stats = statSync(path.join(folder, prefix, hash), { throwIfNoEntry: false });
          return stats
            ? [{ hash, bytes: stats.size, kind: 'left over', storedAt: Math.floor(stats.mtimeMs) }]
            : [];
        }),
    );
  }

  #refuseWhileBusy(): void {
    const active = this.#workspace.sqlite
      .prepare<[], number>(
        `SELECT (SELECT count(*) FROM jobs WHERE state IN ('queued', 'running', 'paused'))
              + (SELECT count(*) FROM training_runs WHERE state IN ('queued', 'running'))`,
      )
      .pluck()
      .get();
    if (active !== 0)
      throw new AppError('workspace_busy', 'Files are being stored by a job or a run that goes on.');
  }
}

const sum = (files: readonly UnreferencedFile[]): number =>
  files.reduce((total, { bytes }) => total + bytes, 0);
const digestOf = (files: readonly UnreferencedFile[]): string =>
  canonicalDigest(files.map(({ hash }) => hash).toSorted());
