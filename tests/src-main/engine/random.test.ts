import { describe, expect, test } from 'vitest';
import { Random } from '#engine/random.ts';

const draw = (random: Random, n: number): number[] => Array.from({ length: n }, () => random.uniform());
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('Random', () => {
  test('follows the published xoshiro128** sequence', () => {
    const random = Random.restore([1, 2, 3, 4]);
    expect(Array.from({ length: 6 }, () => random.bits())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492,
    ]);
  });

  test('the same seed gives the same stream, another seed another one', () => {
    expect(draw(new Random(7), 20)).toEqual(draw(new Random(7), 20));
    const first = [0, -1, 1, 1.5, 2 ** 40, '1', '', 'ab', 'ba'].map((seed) => new Random(seed).uniform());
    expect(new Set(first).size).toBe(first.length);
  });

  test('a restored stream goes on exactly, whatever was drawn before', () => {
    const random = new Random('restore');
    random.normal();
    random.gamma(0.3);
    random.dirichlet(0.3, 4);
    random.integer(7);
    const state = JSON.parse(JSON.stringify(random.state())) as number[];
    const restored = Random.restore(state);
    const next = (r: Random): number[] => [
      r.normal(),
      r.gamma(2),
      r.uniform(),
      ...r.dirichlet(0.3, 4),
      r.integer(9),
    ];
    expect(next(restored)).toEqual(next(random));
    expect(restored.state()).toEqual(random.state());
  });

  test('forks are independent of each other and draw nothing from their parent', () => {
    const random = new Random(3);
    const before = random.state();
    const a = draw(random.fork('a'), 1000);
    const b = draw(random.fork('b'), 1000);
    expect(random.state()).toEqual(before);
    expect(a).toEqual(draw(random.fork('a'), 1000));
    const correlation = mean(a.map((x, i) => (x - 0.5) * (b[i]! - 0.5))) * 12;
    expect(Math.abs(correlation)).toBeLessThan(0.15);
  });

  test('uniform, normal, gamma and integer have their moments', () => {
    const random = new Random(11);
    const n = 40_000;
    const uniform = draw(random, n);
    expect(mean(uniform)).toBeCloseTo(0.5, 1.9);
    expect(mean(uniform.map((x) => (x - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
    const normal = Array.from({ length: n }, () => random.normal(2, 3));
    expect(Math.abs(mean(normal) - 2)).toBeLessThan(0.06);
    expect(Math.abs(mean(normal.map((x) => (x - 2) ** 2)) / 9 - 1)).toBeLessThan(0.04);
    expect(Math.abs(mean(normal.map((x) => ((x - 2) / 3) ** 4)) - 3)).toBeLessThan(0.25);
    for (const shape of [0.3, 1, 4.5]) {
      const gamma = Array.from({ length: n }, () => random.gamma(shape));
      expect(Math.abs(mean(gamma) / shape - 1)).toBeLessThan(0.05);
      expect(Math.abs(mean(gamma.map((x) => (x - shape) ** 2)) / shape - 1)).toBeLessThan(0.12);
    }
    const counts = new Array<number>(5).fill(0);
    for (let i = 0; i < n; i++) counts[random.integer(5)]!++;
    for (const count of counts) expect(Math.abs(count / (n / 5) - 1)).toBeLessThan(0.05);
  });

  test('a Dirichlet draw is a point of the simplex with the right spread, even for tiny alpha', () => {
    const random = new Random(5);
    const draws = Array.from({ length: 8000 }, () => random.dirichlet(0.3, 4));
    for (const weights of draws.slice(0, 500)) expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    const first = draws.map((weights) => weights[0]!);
    expect(Math.abs(mean(first) - 0.25)).toBeLessThan(0.02);
    // Variance of a symmetric Dirichlet: (1/k)(1 - 1/k) / (k alpha + 1).
    expect(mean(first.map((x) => (x - 0.25) ** 2)) / ((0.25 * 0.75) / 2.2)).toBeCloseTo(1, 0.9);
    expect(random.dirichlet(1e-4, 3).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  test('shuffle gives every order equally often and leaves its input alone', () => {
    const random = new Random(1);
    const seen = new Map<string, number>();
    const list = ['a', 'b', 'c'];
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle(list).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(list).toEqual(['a', 'b', 'c']);
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test('refuses seeds, states and parameters that mean nothing', () => {
    expect(() => new Random(NaN)).toThrow(RangeError);
    expect(() => Random.restore([0, 0, 0, 0])).toThrow(RangeError);
    expect(() => Random.restore([1, 2, 3])).toThrow(RangeError);
    expect(() => new Random(0).integer(0)).toThrow(RangeError);
    expect(() => new Random(0).gamma(0)).toThrow(RangeError);
    expect(() => new Random(0).pick([])).toThrow(RangeError);
  });
});
