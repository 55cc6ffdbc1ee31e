/**
 * Which judged pictures depend on each other because they show the same source photographs. Intervals draw whole groups
 * again, so that a photograph that stands behind four pictures does not count as four.
 *
 * CASIA names carry the ids of their sources (`Sp_D_CND_A_pla0005_pla0023_0281`, `Au_pla_0005`); pictures that share an id,
 * directly or through others, are one group. IMD2020 names say nothing, but the i-th original is usually the original of the
 * i-th manipulated picture. Originals elsewhere carry the manipulated picture's name.
 */
import { parse } from 'node:path';
import type { StudyPicture } from './study-data.ts';

type Named = Pick<StudyPicture, 'name' | 'source'>;

const isCasia = (source: string): boolean => /(^|\/)casia1_/.test(source);
const isImd = (source: string): boolean => /(^|\/)imd2020/.test(source);

/** What a picture was made from: names that are equal for pictures of the same photograph. */
function idsOf({ name, source }: Named, place: number): string[] {
  const stem = parse(name).name;
  if (isCasia(source)) {
    const ids = [...stem.matchAll(/([a-z]{3})_?(\d{4,5})(?=_|$)/g)].map(
      ([, kind, number]) => `${kind}${number}`,
    );
    if (ids.length > 0) return ids.map((id) => `casia ${id}`);
  }
  if (isImd(source)) return [`imd2020 ${place}`];
  if (source.startsWith('manipulated/')) return [`${source.split('/')[1]} ${stem}`];
  return [name];
}

/** A group for each picture, named by one of the ids in it. */
export function sourceGroups(pictures: readonly Named[]): string[] {
  const parent = new Map<string, string>();
  const rootOf = (id: string): string => {
    let root = id;
    while ((parent.get(root) ?? root) !== root) root = parent.get(root)!;
    return root;
  };
  const places = new Map<string, number>();
  const ids = pictures.map((picture) => {
    const place = places.get(picture.source) ?? 0;
    places.set(picture.source, place + 1);
    return idsOf(picture, place);
  });
  for (const [first, ...others] of ids)
    for (const other of others)
      if (rootOf(other) !== rootOf(first!)) parent.set(rootOf(other), rootOf(first!));
  return ids.map(([first]) => rootOf(first!));
}
