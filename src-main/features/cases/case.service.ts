/** Cases: rows become `CaseRecord` and `CaseOverview`; each change is recorded with its effect. */
import type { CaseChange, CaseFilter, CaseOverview, CaseRecord, NewCase } from '#contract/case.ts';
import { AppError } from '#contract/errors.ts';
import { sqliteCode } from '#storage/better-sqlite.ts';
import { newId } from '#storage/new-id.ts';
import type { Workspace } from '#storage/workspace.ts';
import { CaseRepository, type CaseRow } from './case.repository.ts';

/** How many opened cases are remembered. */
const recentAtMost = 10;

export class CaseService {
  readonly #workspace: Workspace;
  readonly #repository: CaseRepository;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.#repository = new CaseRepository(workspace.db);
  }

  /** The latest changed first, and how many there are in all. */
  async list(
    filter: CaseFilter,
    page: { offset: number; limit: number },
  ): Promise<{ cases: CaseRecord[]; total: number }> {
    const total = await this.#repository.count(filter);
    return { cases: (await this.#repository.list(filter, page)).map(toCase), total };
  }

  /** By id or by name. Errors: `not_found`. */
  async find(reference: string): Promise<CaseRecord> {
    const row = await this.#repository.find(reference);
    if (!row) throw new AppError('not_found', `There is no case "${reference}".`);
    return toCase(row);
  }

  /** The case of that id or name, if its status lets it be added to. Errors: `not_found`, `case_not_open`. */
  async findOpen(reference: string): Promise<CaseRecord> {
    const found = await this.find(reference);
    if (found.status !== 'open')
      throw new AppError('case_not_open', `The case "${found.name}" is ${found.status}.`);
    return found;
  }

  /** By id or by name, with what is in it. Errors: `not_found`. */
  async overview(reference: string): Promise<CaseOverview> {
    const found = await this.find(reference);
    const overview: CaseOverview = {
      ...found,
      items: 0,
      states: { intact: 0, changed: 0, missing: 0, unreadable: 0 },
      verdicts: { real: 0, simulated: 0, inconclusive: 0, none: 0 },
      itemTags: [],
    };
    for (const { state, verdict, count } of await this.#repository.counts(found.id)) {
      overview.items += count;
      overview.states[state] += count;
      overview.verdicts[verdict ?? 'none'] += count;
    }
    const lists = await this.#repository.itemTags(found.id);
    overview.itemTags = [...new Set(lists.flatMap((list) => JSON.parse(list) as string[]))].sort();
    return overview;
  }

  /** Those that were opened last, the last first. */
  async recent(): Promise<CaseRecord[]> {
    const ids = this.#workspace.settings.get('recentCases');
    const rows = await this.#repository.byIds(ids);
    return ids.flatMap((id) => rows.filter((row) => row.id === id).map(toCase));
  }

  /** Remembers that a case was opened. Errors: `not_found`. */
  async opened(id: string): Promise<Record<string, never>> {
    await this.find(id);
    const { db, settings } = this.#workspace;
    const before = settings.get('recentCases');
    if (before[0] !== id)
      await db.transaction().execute((transaction) => {
        const others = before.filter((other) => other !== id);
        return settings.set(transaction, 'recentCases', [id, ...others].slice(0, recentAtMost));
      });
    return {};
  }

  /** Errors: `case_exists`. */
  async create({ name, number = '', examiner = '', notes = '', tags = [] }: NewCase): Promise<CaseRecord> {
    const now = Date.now();
    const fields = { name, number, examiner, notes, tags: distinct(tags), status: 'open' as const };
    const created: CaseRecord = { ...fields, id: newId(now), createdAt: now, updatedAt: now };
    await this.#workspace.db
      .transaction()
      .execute(async (transaction) => {
        await this.#repository.insert(transaction, fromCase(created));
        this.#workspace.audit.record(transaction, {
          action: 'case.created',
          subject: { kind: 'case', id: created.id },
          payload: fields,
          seal: [{ table: 'cases', id: created.id }],
        });
      })
      .catch(nameTaken(name));
    return created;
  }

  /** Changes what is given and leaves the rest. Errors: `not_found`, `case_exists`. */
  async edit(id: string, change: CaseChange): Promise<CaseRecord> {
    const before = await this.find(id);
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const after: CaseRecord = {
      ...before,
      ...given,
      ...(change.tags ? { tags: distinct(change.tags) } : {}),
      updatedAt: Math.max(Date.now(), before.updatedAt),
    };
    await this.#workspace.db
      .transaction()
      .execute(async (transaction) => {
        await this.#repository.update(transaction, before.id, fromCase(after));
        this.#workspace.audit.record(transaction, {
          action: 'case.edited',
          subject: { kind: 'case', id: before.id },
          payload: { before: changeable(before), after: changeable(after) },
          seal: [{ table: 'cases', id: before.id }],
        });
      })
      .catch(nameTaken(after.name));
    return after;
  }
}

const distinct = (tags: readonly string[]): string[] => [...new Set(tags)];

const changeable = ({ name, number, examiner, notes, tags, status }: CaseRecord) => ({
  ...{ name, number, examiner, notes, tags, status },
});

const nameTaken =
  (name: string) =>
  (cause: unknown): never => {
    if (sqliteCode(cause).startsWith('SQLITE_CONSTRAINT_UNIQUE'))
      throw new AppError('case_exists', `There is a case "${name}" already.`, { cause });
    throw cause;
  };

export const toCase = (row: CaseRow): CaseRecord => ({
  id: row.id,
  name: row.name,
  number: row.number,
  examiner: row.examiner,
  notes: row.notes,
  tags: JSON.parse(row.tags) as string[],
  status: row.status,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const fromCase = (from: CaseRecord): CaseRow => ({
  id: from.id,
  name: from.name,
  number: from.number,
  examiner: from.examiner,
  notes: from.notes,
  tags: JSON.stringify(from.tags),
  status: from.status,
  created_at: from.createdAt,
  updated_at: from.updatedAt,
});
