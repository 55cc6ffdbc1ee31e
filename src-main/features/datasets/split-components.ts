/**
 * What must stand on one side of a split: pictures of one group, and pictures that look alike, and whatever hangs together
 * through either (union-find over group keys and neighbours by perceptual hash). One such component is always in one split.
 *
 * Where components with different splits turn out to belong together, the joined one goes to the side where it can do no
 * harm: to training if any part of it was there, else to validation. So nothing that a model may have been trained on ever
 * becomes a picture that it is tested with.
 */
import type { Split } from '#contract/dataset.ts';
import { NearIndex } from './near-pictures.ts';

export type PlacedPicture = { id: string; group: string; hash: string; split: Split };
export type Placing = {
  split: Split;
  /** Pictures that were there already and go to `split` with the new one. */
  moved: PlacedPicture[];
};

const harmlessFirst: readonly Split[] = ['train', 'validation', 'test'];

/** The split in which a component stands whose parts came from `splits`, which is not empty. */
export function safestSplit(splits: ReadonlySet<Split>): Split {
  return harmlessFirst.find((split) => splits.has(split))!;
}

export class SplitComponents {
  readonly #pictures: PlacedPicture[] = [];
  readonly #indexOf = new Map<string, number>();
  readonly #parent: number[] = [];
  /** Of each root: the indices of its component, and how many of them stand in each split. */
  readonly #components = new Map<number, { members: number[]; splits: Map<Split, number> }>();
  readonly #groups = new Map<string, number>();
  readonly #near = new NearIndex<number>();

  constructor(pictures: readonly PlacedPicture[] = []) {
    for (const picture of pictures) this.add(picture);
  }

  /** Takes a picture in where it stands, and joins what it joins. */
  add(picture: PlacedPicture): void {
    const index = this.#pictures.push({ ...picture }) - 1;
    this.#indexOf.set(picture.id, index);
    this.#parent.push(index);
    this.#components.set(index, { members: [index], splits: new Map([[picture.split, 1]]) });
    for (const other of this.#touching(picture)) this.#join(index, other);
    this.#groups.set(picture.group, index);
    this.#near.add(picture.hash, index);
  }

  /**
   * Takes a picture in and says where it goes: with its group and its likes where there are any, else where `wanted` says,
   * else where `choose` says. The pictures that have to move for it are moved here.
   */
  place(
    picture: Omit<PlacedPicture, 'split'>,
    { wanted, choose }: { wanted?: Split | undefined; choose: () => Split },
  ): Placing {
    const touched = [...new Set(this.#touching(picture).map((index) => this.#root(index)))].map((root) =>
      this.#components.get(root)!,
    );
    const splits = new Set(touched.flatMap((component) => [...component.splits.keys()]));
    if (wanted) splits.add(wanted);
    const split = splits.size > 0 ? safestSplit(splits) : choose();
    const moved: PlacedPicture[] = [];
    for (const component of touched) {
      if (component.splits.size === 1 && component.splits.has(split)) continue;
      for (const other of component.members.map((index) => this.#pictures[index]!))
        if (other.split !== split) {
          other.split = split;
          moved.push({ ...other });
        }
      component.splits = new Map([[split, component.members.length]]);
    }
    this.add({ ...picture, split });
    return { split, moved };
  }

  /** Every component that one of these pictures belongs to, whole; ids that are not known are passed over. */
  around(ids: Iterable<string>): PlacedPicture[][] {
    const roots = new Set<number>();
    for (const id of ids) {
      const index = this.#indexOf.get(id);
      if (index !== undefined) roots.add(this.#root(index));
    }
    return [...roots].map((root) =>
      this.#components.get(root)!.members.map((index) => ({ ...this.#pictures[index]! })),
    );
  }

  #touching({ group, hash }: Pick<PlacedPicture, 'group' | 'hash'>): number[] {
    const same = this.#groups.get(group);
    return [...(same === undefined ? [] : [same]), ...this.#near.near(hash)];
  }

  #root(index: number): number {
    let root = index;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    for (let at = index; at !== root;) {
      const next = this.#parent[at]!;
      this.#parent[at] = root;
      at = next;
    }
    return root;
  }

  #join(a: number, b: number): void {
    let [large, small] = [this.#root(a), this.#root(b)];
    if (large === small) return;
    const size = (root: number): number => this.#components.get(root)!.members.length;
    if (size(large) < size(small)) [large, small] = [small, large];
    const [into, from] = [this.#components.get(large)!, this.#components.get(small)!];
    for (const index of from.members) into.members.push(index);
    for (const [split, count] of from.splits) into.splits.set(split, (into.splits.get(split) ?? 0) + count);
    this.#parent[small] = large;
    this.#components.delete(small);
  }
}
