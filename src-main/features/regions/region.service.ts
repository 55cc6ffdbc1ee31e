/** Region notes: rows become `RegionNote`; each change is recorded with its effect, and each can be taken back. */
import { AppError } from '#contract/errors.ts';
import type { JsonObject } from '#contract/audit.ts';
import type { NewRegionNote, RegionArea, RegionNote } from '#contract/region.ts';
import type { CaseService } from '#features/cases/case.service.ts';
import { newId } from '#storage/new-id.ts';
import type { Workspace } from '#storage/workspace.ts';
import {
  findRegion,
  insertRegion,
  regionHolder,
  regionsOf,
  updateRegion,
  type RegionRow,
} from './region.repository.ts';

type Change = { area?: RegionArea | undefined; text?: string | undefined };

export class RegionService {
  readonly #workspace: Workspace;
  readonly #cases: CaseService;

  constructor(dependencies: { workspace: Workspace; cases: CaseService }) {
    this.#workspace = dependencies.workspace;
    this.#cases = dependencies.cases;
  }

  /** Those of an item that are not removed, in the order in which they were made. */
  async list(evidenceId: string): Promise<RegionNote[]> {
    return (await regionsOf(this.#workspace.db, evidenceId)).map(toRegion);
  }

  /** Errors: `not_found`, `case_not_open`, `invalid_input` where the area leaves the picture. */
  async add({ evidence, area, text }: NewRegionNote): Promise<RegionNote> {
    await this.#allow(evidence, area);
    const now = Date.now();
    const examiner = this.#workspace.audit.examiner();
    const added = { id: newId(now), evidence, area, text, examiner, createdAt: now, updatedAt: now };
    const { db, audit } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      await insertRegion(transaction, {
        ...{ id: added.id, evidence_id: evidence, ...area, text, examiner },
        ...{ created_at: now, updated_at: now, removed_at: null },
      });
      audit.record(transaction, {
        action: 'region.noted',
        subject: { kind: 'evidence', id: evidence },
        payload: { region: added.id, area, text },
      });
    });
    return added;
  }

  /** Changes what is given and leaves the rest. Errors: as of `add`. */
  async edit(id: string, change: Change): Promise<RegionNote> {
    const before = toRegion(await this.#standing(id));
    const after = { area: change.area ?? before.area, text: change.text ?? before.text };
    await this.#allow(before.evidence, after.area);
    const updated_at = Math.max(Date.now(), before.updatedAt);
    await this.#change(
      before,
      'region.changed',
      { ...after.area, text: after.text, updated_at },
      {
        before: { area: before.area, text: before.text },
        after,
      },
    );
    return { ...before, ...after, updatedAt: updated_at };
  }

  /** It is kept, and can be restored. Errors: `not_found`, `case_not_open`. */
  async remove(id: string): Promise<void> {
    const before = toRegion(await this.#standing(id));
    await this.#allow(before.evidence, before.area);
    const removed_at = Math.max(Date.now(), before.createdAt);
    await this.#change(before, 'region.removed', { removed_at }, { area: before.area, text: before.text });
  }

  /** Takes a removal back; of a note that was not removed it changes nothing. Errors: `not_found`, `case_not_open`. */
  async restore(id: string): Promise<RegionNote> {
    const row = await this.#find(id);
    const region = toRegion(row);
    await this.#allow(region.evidence, region.area);
    if (row.removed_at !== null) await this.#change(region, 'region.restored', { removed_at: null }, {});
    return region;
  }

  async #change(
    of: RegionNote,
    action: 'region.changed' | 'region.removed' | 'region.restored',
    change: Parameters<typeof updateRegion>[2],
    payload: JsonObject,
  ): Promise<void> {
    const { db, audit } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      await updateRegion(transaction, of.id, change);
      audit.record(transaction, {
        action,
        subject: { kind: 'evidence', id: of.evidence },
        payload: { region: of.id, ...payload },
      });
    });
  }

  async #allow(evidenceId: string, { x, y, width, height }: RegionArea): Promise<void> {
    const item = await regionHolder(this.#workspace.db, evidenceId);
    if (!item) throw new AppError('not_found', `There is no item of evidence ${evidenceId}.`);
    await this.#cases.findOpen(item.case_id);
    if (x + width > item.width || y + height > item.height)
      throw new AppError(
        'invalid_input',
        `The region ends at ${x + width}, ${y + height}; ${item.name} has ${item.width} by ${item.height} pixels.`,
      );
  }

  async #find(id: string): Promise<RegionRow> {
    const row = await findRegion(this.#workspace.db, id);
    if (!row) throw new AppError('not_found', `There is no region note ${id}.`);
    return row;
  }

  async #standing(id: string): Promise<RegionRow> {
    const row = await this.#find(id);
    if (row.removed_at !== null) throw new AppError('not_found', `The region note ${id} was removed.`);
    return row;
  }
}

export const toRegion = (row: RegionRow): RegionNote => ({
  id: row.id,
  evidence: row.evidence_id,
  area: { x: row.x, y: row.y, width: row.width, height: row.height },
  text: row.text,
  examiner: row.examiner,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
