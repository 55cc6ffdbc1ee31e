/**
 * Collects diagnostics: versions, what the doctor says, settings, counts, and the log. No file of the workspace goes in, and
 * no text that names a case, a picture, a person or a place; what cannot be told apart is left out.
 */
import type { CollectedDiagnostics } from '#contract/diagnostics.ts';
import { settingKeys } from '#contract/setting.ts';
import type { SystemService } from '#features/system/system.service.ts';
import type { Workspace } from '#storage/workspace.ts';
import { WithheldWords } from './withheld-words.ts';
import { machine, reducedLogs, writeDiagnostics } from './write-diagnostics.ts';

const readme = `Diagnostics of Pentimento.

system.json     versions, the machine, and what it offers for computing
settings.json   settings of the workspace, without the name of the examiner
workspace.json  how many rows each table has; jobs and runs by kind, state and code of failure
logs/           of each event its time, its sentence, and where in the program a failure passed

Left out: every picture, thumbnail and map, every name of a case, a picture, a dataset, a model and a person, every hash,
every note and tag, every path, and the messages of failures, which name such things. Where a text might name one of them,
"(left out)" stands in its place.
`;

export class DiagnosticsService {
  readonly #workspace: Workspace;
  readonly #system: SystemService;
  readonly #logs: string;

  /** @param dependencies.logs the folder of the log; it may be absent */
  constructor(dependencies: { workspace: Workspace; system: SystemService; logs: string }) {
    this.#workspace = dependencies.workspace;
    this.#system = dependencies.system;
    this.#logs = dependencies.logs;
  }

  /** Writes them to a new file. Errors: `invalid_input` where there is one of that name, `disk_full`, `file_unreadable`. */
  async collect(target: string): Promise<CollectedDiagnostics> {
    return writeDiagnostics(target, { 'README.txt': readme, ...(await this.#parts()) });
  }

  async #parts(): Promise<Record<string, string>> {
    const withheld = WithheldWords.of(this.#workspace);
    const json = (value: unknown): string => `${JSON.stringify(withheld.without(value), null, 1)}\n`;
    const report = await this.#system.report();
    return {
      'system.json': json({ ...report, machine: machine(), versions: process.versions }),
      'settings.json': json(this.#settings()),
      'workspace.json': json(this.#counts()),
      ...(await reducedLogs(this.#logs, withheld)),
    };
  }

  #settings(): Record<string, unknown> {
    const { settings } = this.#workspace;
    return Object.fromEntries(
      settingKeys.map((key) => [key, key === 'examiner' ? '(left out)' : settings.get(key)]),
    );
  }

  #counts(): Record<string, unknown> {
    const { sqlite, audit } = this.#workspace;
    const tables = sqlite
      .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
      .pluck()
      .all() as string[];
    const rows = (table: string) => sqlite.prepare(`SELECT count(*) FROM "${table}"`).pluck().get();
    return {
      rows: Object.fromEntries(tables.map((table) => [table, rows(table)])),
      jobs: sqlite
        .prepare(
          `SELECT kind, state, error ->> '$.code' AS code, count(*) AS count FROM jobs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
        )
        .all(),
      runs: sqlite
        .prepare(
          `SELECT state, error ->> '$.code' AS code, count(*) AS count FROM training_runs GROUP BY 1, 2 ORDER BY 1, 2`,
        )
        .all(),
      auditEntries: audit.head().entries,
    };
  }
}
