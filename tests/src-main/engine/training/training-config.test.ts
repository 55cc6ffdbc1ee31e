import { describe, expect, test } from 'vitest';
import { generatorCounts, generatorTrains, sampleCounts } from '#engine/training/sample-counts.ts';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';

describe('the training configuration', () => {
  test('has the recipe of the method by default', () => {
    const config = resolveTrainingConfig();
    expect(config.realPerBatch).toBe(config.blendsPerBatch + config.stylePerBatch);
    expect([config.generatorSteps, config.detectorSteps]).toEqual([1, 2]);
    expect(sampleCounts(config)).toEqual({ learned: 4, drawn: 11, styled: 1 });
    expect([config.frequencyBands, config.generatorMode, config.drawnMasks]).toEqual([
      'both',
      'both',
      'varied',
    ]);
  });

  test.each([
    [{ kernels: 0 }, /kernels is 0; it must be a whole number from 1 to 16/],
    [{ kernels: 2.5 }, /whole number/],
    [{ crop: 80 }, /crop is 80; it must be a multiple of 32/],
    [{ jpegShare: 1.5 }, /jpegShare is 1.5; it must be a number from 0 to 1/],
    [{ detectorLearningRate: '0.1' }, /detectorLearningRate/],
    [{ detectorLearningRate: Number.NaN }, /detectorLearningRate is NaN/],
    [{ learningrate: 1 }, /no field "learningrate"/],
    [{ jpegQualityLow: 90, jpegQualityHigh: 80 }, /jpegQualityLow is above/],
    [
      { frequencyBands: 'fused' },
      /frequencyBands is fused; it must be one of "both", "global", "local", "none"/,
    ],
    [{ generatorMode: 1 }, /generatorMode is 1; it must be one of "both", "blend", "style", "none"/],
    [{ drawnMasks: 'toString' }, /drawnMasks is toString; it must be one of "varied", "feathered"/],
  ])('refuses %o by name', (overrides, message) => {
    expect(() => resolveTrainingConfig(overrides)).toThrow(message);
  });
});

describe('the simulated samples of a batch', () => {
  const batch = { stylePerBatch: 4, blendsPerBatch: 12, replayShare: 0.5 };
  const counts = (overrides: Record<string, unknown>) =>
    sampleCounts(resolveTrainingConfig({ ...batch, ...overrides }));

  test.each([
    [{ generatorMode: 'both' }, { learned: 6, drawn: 6, styled: 4 }],
    [
      { generatorMode: 'both', replayShare: 0 },
      { learned: 12, drawn: 0, styled: 4 },
    ],
    [
      { generatorMode: 'both', replayShare: 1 },
      { learned: 0, drawn: 12, styled: 4 },
    ],
    [
      { generatorMode: 'both', stylePerBatch: 0 },
      { learned: 6, drawn: 6, styled: 0 },
    ],
    [{ generatorMode: 'blend' }, { learned: 8, drawn: 8, styled: 0 }],
    [
      { generatorMode: 'blend', replayShare: 0 },
      { learned: 16, drawn: 0, styled: 0 },
    ],
    [{ generatorMode: 'style' }, { learned: 0, drawn: 6, styled: 10 }],
    [
      { generatorMode: 'style', replayShare: 0 },
      { learned: 0, drawn: 0, styled: 16 },
    ],
    [{ generatorMode: 'none' }, { learned: 0, drawn: 16, styled: 0 }],
  ])('under %o are %o', (overrides, expected) => {
    expect(counts(overrides)).toEqual(expected);
  });

  test('a generator step makes what the detector is shown, and there is none where it is shown nothing', () => {
    const ofStep = (overrides: Record<string, unknown>) =>
      generatorCounts(resolveTrainingConfig({ ...batch, ...overrides }));
    expect(ofStep({})).toEqual({ blends: 12, styles: 4 });
    expect(ofStep({ generatorMode: 'blend' })).toEqual({ blends: 16, styles: 0 });
    expect(ofStep({ generatorMode: 'style' })).toEqual({ blends: 0, styles: 10 });
    expect(ofStep({ replayShare: 1 })).toEqual({ blends: 0, styles: 4 });
    expect(generatorTrains(resolveTrainingConfig({ generatorMode: 'none' }))).toBe(false);
    expect(generatorTrains(resolveTrainingConfig({ replayShare: 1, stylePerBatch: 0 }))).toBe(false);
    expect(generatorTrains(resolveTrainingConfig())).toBe(true);
  });
});
