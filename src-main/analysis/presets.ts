/** Questions that people ask of a picture, and the analyses that bear on each. */
import type { AnalysisPreset } from '#contract/analysis.ts';

export const analysisPresets: readonly AnalysisPreset[] = [
  {
    name: 'pasted',
    question: 'Was a part pasted in?',
    analyses: ['error-level', 'noise-residual', 'noise-level', 'colour-filter-array', 'resampling'],
  },
];
