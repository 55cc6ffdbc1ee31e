/** Region notes: what a person writes of a part of a picture that is evidence. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { id, timestamp } from './common.ts';

const pixels = z.number().int().max(1_000_000);
/** In pixels as stored, from the upper left corner. */
export const regionArea = z.object({
  x: pixels.nonnegative(),
  y: pixels.nonnegative(),
  width: pixels.positive(),
  height: pixels.positive(),
});
export type RegionArea = z.infer<typeof regionArea>;

export const regionNote = z.object({
  id,
  evidence: id,
  area: regionArea,
  text: z.string(),
  /** Who wrote it first. */
  examiner: z.string(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type RegionNote = z.infer<typeof regionNote>;

const text = z.string().trim().max(20_000);
export const newRegionNote = z.object({ evidence: id, area: regionArea, text });
export type NewRegionNote = z.infer<typeof newRegionNote>;

export const regionsApi = {
  /** Those that are not removed, in the order in which they were made. */
  list: query(z.object({ evidence: id }), z.array(regionNote)),
  /** Only of an open case, as every change here. */
  add: mutation(newRegionNote, regionNote),
  edit: mutation(z.object({ id, area: regionArea.optional(), text: text.optional() }), regionNote),
  /** It is kept, and can be restored. */
  remove: mutation(z.object({ id }), z.object({ removed: z.literal(true) })),
  restore: mutation(z.object({ id }), regionNote),
};
