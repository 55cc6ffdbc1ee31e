/** What this machine and this workspace are, and what lies on the host's disk for a person to choose from. */
import { readdir, stat, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import type {
  BackendStatus,
  Choice,
  DirectoryListing,
  LicenceNotices,
  SystemReport,
  TargetChoice,
} from '#contract/system.ts';
import { judgingChoicesHere } from '#compute/judging/choose-provider.ts';
import { measurementsHere } from '#compute/trainer/backend-memory.ts';
import type { Workspace } from '#storage/workspace.ts';
import { fileKind } from './file-kind.ts';

type Entry = DirectoryListing['entries'][number];

const natural = new Intl.Collator('en', { numeric: true });

/** The operating system's dialogs for files and folders. */
export interface FileDialogs {
  choose(choice: Choice): Promise<{ paths: string[] }>;
  chooseTarget(choice: TargetChoice): Promise<{ path: string | null }>;
}

const refuseDialog = (): Promise<never> =>
  Promise.reject(
    new AppError('invalid_input', 'This host has no dialogs.', { hint: 'Name the place by its path.' }),
  );
const noDialogs: FileDialogs = { choose: refuseDialog, chooseTarget: refuseDialog };

export class SystemService {
  readonly dialogs: FileDialogs;
  readonly #workspace: Workspace;
  readonly #version: string;
  readonly #host: SystemReport['host'];
  readonly #backends: () => Promise<BackendStatus[]>;
  readonly licences: () => Promise<LicenceNotices>;

  constructor(dependencies: {
    workspace: Workspace;
    /** Of the program. */
    version: string;
    host: SystemReport['host'];
    /** Asks each compute backend whether it is ready. */
    backends: () => Promise<BackendStatus[]>;
    /** Reads them from the program's own files. */
    licences: () => Promise<LicenceNotices>;
    /** Those of the desktop; other hosts have none. */
    dialogs?: FileDialogs | undefined;
  }) {
    this.dialogs = dependencies.dialogs ?? noDialogs;
    this.#workspace = dependencies.workspace;
    this.#version = dependencies.version;
    this.#host = dependencies.host;
    this.#backends = dependencies.backends;
    this.licences = dependencies.licences;
  }

  async report(): Promise<SystemReport> {
    const { folder, sqlite, readOnly } = this.#workspace;
    const disk = await statfs(folder);
    const sizes = await Promise.all(
      ['workspace.sqlite', 'workspace.sqlite-wal'].map((name) =>
        stat(path.join(folder, name)).then(
          (stats) => stats.size,
          () => 0,
        ),
      ),
    );
    const version = sqlite.prepare<[], { version: string }>('SELECT sqlite_version() AS version').get();
    return {
      version: this.#version,
      node: process.versions.node,
      electron: process.versions['electron'] ?? null,
      host: this.#host,
      backends: await this.#backends(),
      measurements: await measurementsHere(this.#workspace.backendMeasurements),
      judging: await judgingChoicesHere(this.#workspace.judgingProviders),
      storage: {
        workspace: folder,
        writable: readOnly === null,
        ...(readOnly ? { problem: readOnly.message } : {}),
        freeBytes: disk.bavail * disk.bsize,
        databaseBytes: sizes.reduce((sum, size) => sum + size, 0),
        sqlite: version?.version ?? '',
        schemaVersion: Number(sqlite.pragma('user_version', { simple: true })),
      },
    };
  }

  /**
   * Folders, pictures, models and lists in a folder, by their names; the home folder where none is given. Hidden names are
   * left out. Errors: `file_not_found`, `file_unreadable`.
   */
  async browse(folder: string = homedir()): Promise<DirectoryListing> {
    const here = path.resolve(folder);
    const names = await readdir(here).catch((error: unknown) => {
      throw listingError(error, here);
    });
    const visible = names.filter((name) => !name.startsWith('.')).toSorted(natural.compare);
    const entries = (await Promise.all(visible.map((name) => describe(here, name)))).filter(
      (entry) => entry !== null,
    );
    const parent = path.dirname(here);
    return {
      path: here,
      parent: parent === here ? null : parent,
      entries: [
        ...entries.filter((entry) => entry.kind === 'folder'),
        ...entries.filter((entry) => entry.kind !== 'folder'),
      ],
      images: entries.filter((entry) => entry.kind === 'image').length,
    };
  }
}

async function describe(folder: string, name: string): Promise<Entry | null> {
  const file = path.join(folder, name);
  const stats = await stat(file).catch(() => null);
  if (stats?.isDirectory()) return { name, path: file, kind: 'folder' };
  if (!stats?.isFile()) return null;
  const kind = fileKind(name);
  return kind && { name, path: file, kind };
}

function listingError(error: unknown, folder: string): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return new AppError('file_not_found', `${folder} does not exist.`, { cause: error });
  if (code === 'ENOTDIR')
    return new AppError('file_unreadable', `${folder} is not a folder.`, { cause: error });
  return new AppError('file_unreadable', `${folder} cannot be listed.`, { cause: error });
}
