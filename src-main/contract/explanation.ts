/** Why a picture got its score: by which branches of the network, by which tiles, and what it is like. It proves nothing. */
import { z } from 'zod';
import { compressionTier } from './calibration.ts';
import { sha256 } from './common.ts';
import { branch } from './model.ts';

const place = z.number().int().nonnegative();

/** A tile that drove the score, at (`x`, `y`) of the picture. */
export const drivingTile = z.object({
  x: place,
  y: place,
  /** Natural log odds of the network. */
  logit: z.number(),
  /** The score of the picture without this tile; null where it is the only one. */
  without: z.number().nullable(),
  /**
   * By how much the logit falls when a part of the tile gives way to its mean colour: `patches` x `patches` parts, row by row.
   * Above 0: that part spoke for simulated.
   */
  occlusion: z.array(z.number()),
});
export type DrivingTile = z.infer<typeof drivingTile>;

/** What the process that judges says of a score. */
export const scoreParts = z.object({
  /** The score with one branch switched off; null where the model's file does not tell. */
  branches: z.array(z.object({ branch, score: z.number() })).nullable(),
  /** The highest first. */
  tiles: z.array(drivingTile),
});
export type ScoreParts = z.infer<typeof scoreParts>;

export const explanation = scoreParts.extend({
  /** Of how it is made. */
  version: z.number().int().positive(),
  parameters: z.object({ tileSize: z.number().int().positive(), patches: z.number().int().positive() }),
  /** Validation pictures that are nearest by their features, the nearest first; empty where the model keeps none. */
  nearest: z.array(
    z.object({
      /** Of the photograph that it is, or was forged from. */
      photograph: sha256,
      /** As the workspace knows it; null where it does not. */
      name: z.string().nullable(),
      tier: compressionTier,
      /** How it was forged; null for an untouched one. */
      category: z.string().nullable(),
      /** Mahalanobis distance of the features. */
      distance: z.number().nonnegative(),
    }),
  ),
});
export type Explanation = z.infer<typeof explanation>;
