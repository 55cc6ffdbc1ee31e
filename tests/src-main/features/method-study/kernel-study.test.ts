/** The study of the mask kernels: what it measures, and that masks are sound from the first steps on, for any k. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import type { HostTensor, PhotographSource } from '#engine/ports.ts';
import {
  maskFigures,
  meanCosine,
  outsideBounds,
  type KernelFigures,
} from '#features/method-study/kernel-figures.ts';
import { KERNEL_COUNTS, kernelStudy } from '#features/method-study/kernel-study.ts';
import { sceneSource, tinyConfig } from '#tests/support/tiny-training.ts';

const tensor = (shape: number[], values: number[]): HostTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(values),
});

describe('figures', () => {
  test('are areas of each kernel over the samples, the deviation of the fused masks, and the change of blends', () => {
    const figures = maskFigures({
      masks: tensor([2, 1, 2, 2], [0, 0.5, 0.5, 0.5, 1, 0.25, 0, 0.25]),
      fused: tensor([2, 2, 1, 1], [0, 1, 0.5, 0.5]),
      blended: tensor([2, 1, 1, 3], [10, 20, 30, 5, 5, 5]),
      reference: tensor([2, 1, 1, 3], [16, 20, 24, 5, 5, 11]),
    });
    expect(figures).toEqual({
      areas: [
        { least: 0.25, most: 0.5 },
        { least: 0.25, most: 0.5 },
      ],
      fused_area: { least: 0.5, most: 0.5 },
      deviation: 0.25,
      blend_change: 3,
    });
  });

  test('the cosine is the mean over pairs of kernels, whatever their length; 0 for one kernel', () => {
    // columns (1, 0), (0, 2), (3, 3)
    expect(meanCosine([1, 0, 3, 0, 2, 3], 3)).toBeCloseTo(Math.SQRT1_2 * (2 / 3), 6);
    expect(meanCosine([1, 2], 1)).toBe(0);
  });

  test('are held against the bounds of the method', () => {
    const sound: Parameters<typeof outsideBounds>[0] = {
      areas: [{ least: 0.05, most: 0.45 }],
      fused_area: { least: 0.1, most: 0.3 },
      deviation: 0.25,
      cosine: 0.49,
      blend_change: 5,
    };
    expect(outsideBounds(sound)).toEqual([]);
    const collapsed: [keyof typeof sound, Partial<typeof sound>, KernelFigures['outside']][] = [
      ['areas', { areas: [sound.areas[0]!, { least: 0.2, most: 0.46 }] }, ['area']],
      ['fused_area', { fused_area: { least: 0.04, most: 0.2 } }, ['area']],
      ['deviation', { deviation: 0.24 }, ['deviation']],
      ['cosine', { cosine: 0.5 }, ['cosine']],
      ['blend_change', { blend_change: 4.9 }, ['blend_change']],
    ];
    for (const [name, change, outside] of collapsed)
      expect(outsideBounds({ ...sound, ...change }), name).toEqual(outside);
  });
});

describe('a few steps on rendered scenes', () => {
  let scenes: PhotographSource;
  beforeAll(async () => {
    scenes = await sceneSource(4);
  });

  test.each(KERNEL_COUNTS)('with k = %i give sound masks', async (k) => {
    const reported: number[] = [];
    const [figures] = await kernelStudy(
      {
        photographs: { real: scenes, foreign: scenes },
        backend: await createWasmBackend(),
        counts: [k],
        steps: 4,
        seed: 1,
        samples: 8,
        overrides: tinyConfig(),
      },
      { signal: new AbortController().signal, report: (_, step) => void reported.push(step) },
    );
    expect(figures).toMatchObject({ kernels: k, steps: 4, signs: [], outside: [] });
    expect(figures!.areas).toHaveLength(k);
    expect(reported).toEqual([2, 4]);
  });

  test('can be stopped', async () => {
    const study = kernelStudy(
      {
        photographs: { real: scenes, foreign: scenes },
        backend: await createWasmBackend(),
        counts: [1],
        steps: 4,
        seed: 1,
        samples: 8,
        overrides: tinyConfig(),
      },
      { signal: AbortSignal.abort(), report: () => undefined },
    );
    await expect(study).rejects.toMatchObject({ code: 'cancelled' });
  });
});
