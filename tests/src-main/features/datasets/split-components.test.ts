/** Pictures that must stand on one side, and that whatever comes in, in whatever order, no component is ever parted. */
import { expect, test } from 'vitest';
import type { Split } from '#contract/dataset.ts';
import { hammingDistance } from '#compute/decoding/examine-photograph.ts';
import { Random } from '#engine/random.ts';
import { NearIndex, nearDistance } from '#features/datasets/near-pictures.ts';
import { SplitComponents, type PlacedPicture } from '#features/datasets/split-components.ts';

const splits: Split[] = ['train', 'validation', 'test'];

function randomHash(random: Random): string {
  return Array.from({ length: 16 }, () => random.integer(16).toString(16)).join('');
}
/** The same hash with `bits` of its bits turned. */
function disturbed(hash: string, bits: number, random: Random): string {
  const places = random.shuffle(Array.from({ length: 64 }, (_, i) => i)).slice(0, bits);
  let value = BigInt(`0x${hash}`);
  for (const place of places) value ^= 1n << BigInt(place);
  return value.toString(16).padStart(16, '0');
}

/** Random pictures of which many share a group, and many look like an earlier one. */
function randomPictures(seed: number, count: number): Omit<PlacedPicture, 'split'>[] {
  const random = new Random(`pictures ${seed}`);
  const pictures: Omit<PlacedPicture, 'split'>[] = [];
  for (let i = 0; i < count; i++) {
    const like = pictures.length > 0 && random.uniform() < 0.4 ? random.pick(pictures) : null;
    const hash = like ? disturbed(like.hash, random.integer(7), random) : randomHash(random);
    pictures.push({ id: `i${i}`, group: `g${random.integer(Math.ceil(count * 0.8))}`, hash });
  }
  return pictures;
}

/** The plain definition, quadratic: pairs that share a group or are near each other are on one side. */
function expectWhole(pictures: readonly PlacedPicture[]): void {
  for (const a of pictures)
    for (const b of pictures)
      if (a.group === b.group || hammingDistance(a.hash, b.hash) <= nearDistance)
        expect(a.split, `${a.id} and ${b.id}`).toBe(b.split);
}

test('no group and no pair of near pictures stands on two sides, with random groups, hashes and wishes', () => {
  for (let seed = 0; seed < 25; seed++) {
    const random = new Random(`wishes ${seed}`);
    const components = new SplitComponents();
    const placed = new Map<string, PlacedPicture>();
    for (const picture of randomPictures(seed, 60)) {
      const wanted = random.uniform() < 0.3 ? random.pick(splits) : undefined;
      const { split, moved } = components.place(picture, { wanted, choose: () => random.pick(splits) });
      placed.set(picture.id, { ...picture, split });
      for (const other of moved) placed.set(other.id, other);
    }
    expectWhole([...placed.values()]);
    const sides = new Set([...placed.values()].map(({ split }) => split));
    expect(sides.size, 'the property would hold of one single side').toBeGreaterThan(1);
  }
});

test('a picture that joins two components takes both to training where either was, and never out of it to a test', () => {
  const hash = '0f1e2d3c4b5a6978';
  const far = 'f0e1d2c3b4a59687';
  const components = new SplitComponents([
    { id: 'a', group: 'one', hash, split: 'test' },
    { id: 'b', group: 'two', hash: far, split: 'train' },
    { id: 'c', group: 'two', hash: '00ff00ff00ff00ff', split: 'train' },
  ]);
  const bridge = components.place({ id: 'd', group: 'one', hash: far }, { choose: () => 'test' });
  expect(bridge).toEqual({ split: 'train', moved: [{ id: 'a', group: 'one', hash, split: 'train' }] });
  expect(
    components
      .around(['d'])[0]!
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(['a', 'b', 'c', 'd']);
  expect(
    components.place({ id: 'e', group: 'two', hash: far }, { wanted: 'test', choose: () => 'test' }),
  ).toEqual({
    split: 'train',
    moved: [],
  });
});

test('a component that an older version left on two sides is brought together by the next picture that joins it', () => {
  const hash = '0f1e2d3c4b5a6978';
  const components = new SplitComponents([
    { id: 'a', group: 'one', hash, split: 'test' },
    { id: 'b', group: 'two', hash, split: 'validation' },
  ]);
  const placing = components.place({ id: 'c', group: 'three', hash }, { choose: () => 'train' });
  expect(placing.split).toBe('validation');
  expect(placing.moved.map(({ id }) => id)).toEqual(['a']);
});

test('the index finds exactly the hashes that differ in four bits or fewer, and nothing for even surfaces', () => {
  const random = new Random('index');
  const hashes = Array.from({ length: 300 }, () => randomHash(random));
  for (const hash of hashes.slice(0, 100)) hashes.push(disturbed(hash, random.integer(8), random));
  const index = new NearIndex<number>();
  for (const [i, hash] of hashes.entries()) index.add(hash, i);
  for (const hash of hashes) {
    const expected = hashes.flatMap((other, i) => (hammingDistance(hash, other) <= nearDistance ? [i] : []));
    expect(index.near(hash).toSorted((a, b) => a - b)).toEqual(expected);
  }
  const even = '0000000000000001';
  index.add(even, -1);
  expect(index.near(even)).toEqual([]);
});
