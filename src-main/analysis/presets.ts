/** Questions that people ask of a picture, and the analyses that bear on each, one a line. */
import type { AnalysisPreset } from '#contract/analysis.ts';

export const analysisPresets: readonly AnalysisPreset[] = [
  {
    name: 'pasted',
    question: 'Was a part pasted in?',
    analyses: [
      'jpeg-double',
      'jpeg-shifted',
      'jpeg-grid',
      'jpeg-ghost',
      'error-level',
      'noise-residual',
      'noise-level',
      'median-filter',
      'sharpening',
      'colour-filter-array',
      'resampling',
      'copy-move',
      'copy-move-keypoints',
    ],
  },
  {
    name: 'resaved',
    question: 'Was it saved again, cropped or resized since it was taken?',
    analyses: [
      'file-structure',
      'metadata',
      'jpeg-coding',
      'jpeg-double',
      'jpeg-shifted',
      'jpeg-grid',
      'resampling',
    ],
  },
  {
    name: 'origin',
    question: 'Where does it come from, and what does the file itself say?',
    analyses: ['file-structure', 'metadata', 'known-file', 'content-credentials', 'jpeg-coding', 'spectrum'],
  },
  {
    name: 'camera',
    question: 'Does it come from this camera?',
    analyses: ['camera-pattern', 'metadata', 'jpeg-coding', 'colour-filter-array'],
  },
  {
    name: 'copy',
    question: 'Is it a changed copy of another picture?',
    analyses: ['reference-comparison'],
  },
];
