import { expect, test } from 'vitest';
import type { ReferencePicture } from '#contract/model.ts';
import { explanation } from '#contract/explanation.ts';
import { explain, nearestReferences } from '#features/calibration/explain.ts';
import { tinyCalibration } from '#tests/support/tiny-detector.ts';

const reference = (letter: string, features: number[], category: string | null = null): ReferencePicture => ({
  ...{ photograph: letter.repeat(64), tier: 'lossless', category, features },
});
const references = [
  reference('a', [0, 0]),
  reference('b', [10, 0], 'copy-move'),
  reference('c', [3, 0]),
  ...['d', 'e', 'f'].map((letter) => reference(letter, [50, 50])),
];
// The first feature varies ten times as much as the second.
const density = { mean: [0, 0], factor: [10, 0, 0, 1], limit: 4 };

test('the nearest validation pictures come first, each feature measured by how much it varies', () => {
  const calibration = tinyCalibration({ density });
  const nearest = nearestReferences({ references, calibration }, [4, 0]);
  expect(nearest.map(({ photograph, distance }) => [photograph[0], Number(distance.toFixed(3))])).toEqual([
    ['c', 0.1],
    ['a', 0.4],
    ['b', 0.6],
    ['d', expect.any(Number)],
    ['e', expect.any(Number)],
  ]);
  expect(nearestReferences({ references, calibration }, [0, 3])[0]!.distance).toBeCloseTo(3);
});

test('without a density, or without kept pictures, none is near', () => {
  expect(nearestReferences({ references, calibration: null }, [4, 0])).toEqual([]);
  expect(nearestReferences({ references, calibration: tinyCalibration() }, [4, 0])).toEqual([]);
  const calibration = tinyCalibration({ density });
  expect(nearestReferences({ references: [], calibration }, [4, 0])).toEqual([]);
});

test('a photograph that the workspace knows has its name, another one only its hash', () => {
  const parts = { branches: null, tiles: [{ x: 8, y: 0, logit: 1, without: null, occlusion: [0] }] };
  const nearest = nearestReferences({ references, calibration: tinyCalibration({ density }) }, [4, 0]);
  const nameOf = (sha256: string) => (sha256.startsWith('c') ? 'boat.jpg' : null);
  const found = explain(parts, nearest, { tileSize: 64, patches: 4, nameOf });
  expect(explanation.parse(found)).toEqual(found);
  expect(found.nearest.slice(0, 2)).toMatchObject([{ name: 'boat.jpg' }, { name: null, category: null }]);
});
