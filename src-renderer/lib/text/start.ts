/** Sentences of the start page. */
export const startText = {
  title: 'Start',
  headline: 'See what was painted over.',
  sentences: [
    'Pentimento trains a detector of manipulated and generated pictures on your own photographs, and judges pictures with it.',
    'A generator learns to make simulated pictures while the detector learns to find them, in space and in frequency.',
    'Everything stays on this machine, in one workspace folder.',
  ],
  importFirst: 'Import photographs',
  importHint: 'Start with a folder of untouched photographs.',
  sample: 'Render sample scenes and train',
  sampleHint:
    'No photographs at hand: 64 rendered scenes and a short training run show the whole line in minutes.',
  line: 'The line',
  stages: {
    dataset: 'Datasets',
    run: 'Training',
    model: 'Models',
    verdict: 'Verdicts',
  },
  stageHints: {
    dataset: 'Photographs, copied and hashed',
    run: 'Generator against detector',
    model: 'One ONNX file with its passport',
    verdict: 'Score, reason and maps',
  },
  recentRuns: 'Recent runs',
  recentVerdicts: 'Recent verdicts',
  datasets: 'Datasets',
  currentModel: 'Current model',
  noModel: 'No model yet; a finished run exports one.',
  noRuns: 'No run yet.',
  noVerdicts: 'Nothing was judged yet.',
  seeAll: 'See all',
  sampleDataset: 'Sample scenes',
  sampleRendering: 'Rendering sample scenes …',
  auc: (auc: string) => `AUC ${auc} on validation`,
} as const;
