import { describe, expect, test } from 'vitest';
import { learnedBlends, resolveTrainingConfig } from '#engine/training/training-config.ts';

describe('the training configuration', () => {
  test('has the recipe of the method by default', () => {
    const config = resolveTrainingConfig();
    expect(config.realPerBatch).toBe(config.blendsPerBatch + config.stylePerBatch);
    expect([config.generatorSteps, config.detectorSteps]).toEqual([1, 2]);
    expect(learnedBlends(config)).toBe(6);
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
  ])('refuses %o by name', (overrides, message) => {
    expect(() => resolveTrainingConfig(overrides)).toThrow(message);
  });
});
