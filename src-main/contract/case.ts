/** Cases: what evidence is gathered under, and how much of it there is. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { empty, id, page, timestamp } from './common.ts';
import { evidenceState } from './evidence.ts';
import { tag } from './tag.ts';

export const caseStatus = z.enum(['open', 'closed', 'archived']);
export type CaseStatus = z.infer<typeof caseStatus>;

/** What a person writes of a case. */
const caseFields = z.object({
  name: z.string().trim().min(1).max(120),
  /** As the authority files it; may be empty. */
  number: z.string().trim().max(120),
  examiner: z.string().trim().max(120),
  notes: z.string().max(100_000),
  tags: z.array(tag).max(100),
  status: caseStatus,
});

export const caseRecord = caseFields.extend({ id, createdAt: timestamp, updatedAt: timestamp });
export type CaseRecord = z.infer<typeof caseRecord>;

const count = z.number().int().nonnegative();
/** A case as it is opened. */
export const caseOverview = caseRecord.extend({
  items: count,
  states: z.record(evidenceState, count),
  verdicts: z.object({ real: count, simulated: count, inconclusive: count, none: count }),
  /** Every tag that an item of it bears, sorted. */
  itemTags: z.array(tag),
});
export type CaseOverview = z.infer<typeof caseOverview>;

export const newCase = caseFields.omit({ status: true }).partial().required({ name: true });
export type NewCase = z.infer<typeof newCase>;
export const caseChange = caseFields.partial();
export type CaseChange = z.infer<typeof caseChange>;

export const caseFilter = z.object({
  status: caseStatus.optional(),
  tag: tag.optional(),
  /** Looked for in name, number, examiner and notes. */
  text: z.string().max(200).optional(),
});
export type CaseFilter = z.infer<typeof caseFilter>;

export const casesApi = {
  /** The latest changed first. */
  list: query(page.extend(caseFilter.shape), z.object({ cases: z.array(caseRecord), total: count })),
  /** By id or by name. */
  get: query(z.object({ case: z.string().min(1) }), caseOverview),
  /** Those that were opened last, the last first. */
  recent: query(empty, z.array(caseRecord)),
  /** Remembers that a case was opened. */
  opened: mutation(z.object({ id }), empty),
  create: mutation(newCase, caseRecord),
  /** Only an open case may be added to and judged; its status says so and nothing else is lost. */
  edit: mutation(z.object({ id, change: caseChange }), caseRecord),
};
