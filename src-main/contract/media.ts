/** Pixels never travel inside calls: they are blobs, fetched from one media address by their hash. */
import { z } from 'zod';
import { sha256 } from './common.ts';

/** The path part of a blob's address; Electron serves it under `media://local`, the headless host under its own origin. */
export const mediaPath = (hash: string): string => `/media/${hash}`;

/**
 * A map stored as an 8- or 16-bit grey PNG. A stored value v in [0, 2^bits - 1] stands for
 * `min + v / (2^bits - 1) * (max - min)` in `unit`. The renderer applies the colour map.
 */
export const mapReference = z.object({
  blob: sha256,
  /** Size of the map itself, which may be coarser than the picture that it covers. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  bits: z.union([z.literal(8), z.literal(16)]),
  min: z.number(),
  max: z.number(),
  unit: z.string(),
});
export type MapReference = z.infer<typeof mapReference>;

/** Pixels along a side of a tile; those at the right and lower edge may be smaller. */
export const tileSide = 512;
/** Which tile: at level n the picture has one pixel for 2^n by 2^n of the original. */
export type TilePlace = { level: number; x: number; y: number };
/** The path part of the address of a tile of the original with that hash. */
export const tilePath = (hash: string, { level, x, y }: TilePlace): string =>
  `${mediaPath(hash)}/tiles/${level}/${x}/${y}`;
/** How many levels a picture has: at the last one it fits into one tile. */
export const tileLevels = (width: number, height: number): number =>
  1 + Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / tileSide)));
