/**
 * Diagnostics of a workspace that cannot be opened: held by another program, damaged, of a newer program. Nothing in its folder
 * is written. Of a program whose native code is not what it was packed with, none of it is loaded. The names that may not be told are read from a copy of its database; where that cannot be read whole, nobody can
 * know which they are, and no sentence of the log goes in.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import type { CollectedDiagnostics } from '#contract/diagnostics.ts';
import { AppError } from '#contract/errors.ts';
import type { BackendStatus, SystemReport } from '#contract/system.ts';
import { readDatabaseAside, schemaOf } from '#storage/read-database-aside.ts';
import { reduceLog, type Withheld } from './reduce-log.ts';
import { WithheldWords } from './withheld-words.ts';
import { machine, reducedLogs, writeDiagnostics } from './write-diagnostics.ts';

const readme = `Diagnostics of Pentimento, of a workspace that could not be opened.

system.json   versions, the machine, and what it offers for computing
failure.json  the kind of the failure, and what the folder of the workspace holds, in numbers
failure.txt   where in the program the failure passed
logs/         of each event its time, its sentence, and where in the program a failure passed

Left out: every picture, thumbnail and map, every name of a case, a picture, a dataset, a model and a person, every hash,
every note and tag, every path, and the messages of failures, which name such things. Where a text might name one of them,
"(left out)" stands in its place; where the names could not be read from the workspace, that is every sentence of the log.
`;

export interface Unopened {
  /** The folder of the workspace. */
  dataDir: string;
  /** Why it could not be opened. */
  failure: unknown;
  /** The folder of the log; it may be absent. */
  logs: string;
  version: string;
  host: SystemReport['host'];
  backends: () => Promise<BackendStatus[]>;
}

/** Writes them to a new file. Errors: `invalid_input` where there is one of that name, `disk_full`, `file_unreadable`. */
export async function collectUnopened(target: string, of: Unopened): Promise<CollectedDiagnostics> {
  const { dataDir, failure, logs, version, host, backends } = of;
  const { code } = AppError.from(failure);
  const trusted = code !== 'program_changed';
  const known = trusted ? await namesIn(dataDir) : null;
  const withheld = known ?? WithheldWords.of({ sqlite: null, folder: dataDir });
  const ofLog: Withheld = known ?? { stand: () => true };
  const json = (value: unknown): string => `${JSON.stringify(withheld.without(value), null, 1)}\n`;
  const told = `${new Date().toISOString()} error the workspace was not opened:\n${inspect(failure)}`;
  const electron = process.versions['electron'] ?? null;
  return writeDiagnostics(target, {
    'README.txt': readme,
    'system.json': json({
      ...{ version, host, electron, node: process.versions.node },
      ...{ backends: trusted ? await backends() : [], machine: machine(), versions: process.versions },
    }),
    'failure.json': json({
      code,
      namesRead: known !== null,
      folder: contentsOf(dataDir),
    }),
    'failure.txt': reduceLog(told.replaceAll('\n', '\n  '), { stand: () => false }),
    ...(await reducedLogs(logs, ofLog)),
  });
}

/** Null where the database cannot be read whole, or not by this version. */
const namesIn = (folder: string): Promise<WithheldWords | null> =>
  readDatabaseAside(path.join(folder, 'workspace.sqlite'), (sqlite) =>
    WithheldWords.of({ sqlite, folder }),
  ).catch(() => null);

/** What tells a half-copied folder, an empty file and a database of another version from each other, without a name. */
function contentsOf(folder: string): Record<string, unknown> {
  const at = (name: string): string => path.join(folder, name);
  const bytes = (name: string): number | null => statSync(at(name), { throwIfNoEntry: false })?.size ?? null;
  const entries = (name: string): number => (existsSync(at(name)) ? readdirSync(at(name)).length : 0);
  try {
    return {
      databaseBytes: bytes('workspace.sqlite'),
      logBytes: bytes('workspace.sqlite-wal'),
      ...schemaOf(at('workspace.sqlite')),
      ...{ lock: existsSync(at('lock')), auditHead: existsSync(at('audit-head.json')) },
      ...{ backups: entries('backups'), blobFolders: entries('blobs'), runs: entries('runs') },
    };
  } catch (cause) {
    return { unreadable: cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown' };
  }
}
