/**
 * The pictures that a fingerprint is made of: those of the size that most of them have, and none that looks like the picture in
 * question, whose own noise would find itself. What was made last is kept, because the items of a case follow each other.
 */
import { AppError } from '#contract/errors.ts';
import { hammingDistance, perceptualHashOf } from '#compute/decoding/examine-photograph.ts';
import type { RgbImage } from '#engine/ports.ts';
import type { ReferencePicture } from '../analysis.ts';
import { lumaPlane } from '../luma.ts';
import { breathe } from '../mathematics/breathe.ts';
import { FingerprintMaker, type Fingerprint } from './fingerprint.ts';

/** Bits of 64 by which the hashes of pictures differ at most that may show the same. */
const alike = 4;

interface Surveyed {
  reference: ReferencePicture;
  /** `width`x`height`; null for what cannot be decoded. */
  size: string | null;
  hash: string;
}
export interface ReferenceSet {
  chosen: readonly ReferencePicture[];
  width: number;
  height: number;
  left: { unreadable: number; otherSize: number; alike: number };
}

let survey: { key: string; found: Surveyed[] } | null = null;
let made: { key: string; fingerprint: Fingerprint } | null = null;

const keyOf = (references: readonly ReferencePicture[]): string =>
  references.map(({ sha256 }) => sha256).join(' ');

async function surveyed(references: readonly ReferencePicture[], signal: AbortSignal): Promise<Surveyed[]> {
  const key = keyOf(references);
  if (survey?.key === key) return survey.found;
  const found: Surveyed[] = [];
  for (const reference of references) {
    await breathe(signal);
    const image = await (await reference.open()).pixels().catch((cause: unknown) => {
      // One that cannot be decoded is left out; any other failure is one of the analysis.
      if (cause instanceof AppError) return null;
      throw cause;
    });
    found.push({
      reference,
      size: image && `${image.width}x${image.height}`,
      hash: image ? await perceptualHashOf(image) : '',
    });
  }
  survey = { key, found };
  return found;
}

/** @throws AppError where a reference is gone or changed */
export async function referenceSet(
  references: readonly ReferencePicture[],
  questioned: RgbImage,
  signal: AbortSignal,
): Promise<ReferenceSet> {
  const found = await surveyed(references, signal);
  const counts = new Map<string, number>();
  for (const { size } of found) if (size !== null) counts.set(size, (counts.get(size) ?? 0) + 1);
  const [usual] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? ['0x0'];
  const [width, height] = usual.split('x').map(Number) as [number, number];
  const hash = await perceptualHashOf(questioned);
  const left = { unreadable: 0, otherSize: 0, alike: 0 };
  const chosen: ReferencePicture[] = [];
  for (const one of found)
    if (one.size === null) left.unreadable++;
    else if (one.size !== usual) left.otherSize++;
    else if (hammingDistance(one.hash, hash) <= alike) left.alike++;
    else chosen.push(one.reference);
  return { chosen, width, height, left };
}

export async function fingerprintOf(
  { chosen, width, height }: ReferenceSet,
  signal: AbortSignal,
): Promise<Fingerprint> {
  const key = keyOf(chosen);
  if (made?.key === key) return made.fingerprint;
  made = null;
  const maker = new FingerprintMaker(width, height);
  for (const reference of chosen) await maker.add(lumaPlane(await (await reference.open()).pixels()), signal);
  const fingerprint = await maker.finish(signal);
  made = { key, fingerprint };
  return fingerprint;
}
