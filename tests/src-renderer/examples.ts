/** Small, valid examples of what the host answers. */
import type { Dataset } from '#contract/dataset.ts';
import type { Verdict } from '#contract/detection.ts';
import type { EvidenceItem } from '#contract/evidence.ts';
import type { Job } from '#contract/job.ts';
import type { MapReference } from '#contract/media.ts';
import type { RunMetric, RunSample, TrainingRun } from '#contract/training-run.ts';

export const hash = (digit: string): string => digit.repeat(64);

export const mapExample = (over: Partial<MapReference> = {}): MapReference => ({
  blob: hash('a'),
  width: 4,
  height: 2,
  bits: 16,
  min: 0,
  max: 1,
  unit: 'probability',
  ...over,
});

export const datasetExample = (over: Partial<Dataset> = {}): Dataset => ({
  id: 'd1',
  name: 'Harbour',
  createdAt: 1,
  rendered: false,
  items: 200,
  labels: { real: 200, reference: 0, simulated: 0, unlabelled: 0 },
  splits: { train: 140, validation: 30, test: 30 },
  manifestHash: hash('d'),
  version: { number: 1, frozen: false },
  ...over,
});

export const metricExample = (step: number): RunMetric => ({
  step,
  losses: { cls: 1 / step, sim: 0.3, div: 0.1, totalGenerator: 1, totalDetector: 2 },
  accuracy: 0.5,
  maskArea: 0.2,
  imagesPerSecond: 100,
  dataWaitShare: 0.01,
  etaSeconds: 10,
});

export const runExample = (over: Partial<TrainingRun> = {}): TrainingRun => ({
  id: 'r1',
  datasetId: 'd1',
  datasetName: 'Harbour',
  rendered: false,
  datasetManifestHash: hash('d'),
  datasetVersion: null,
  state: 'running',
  createdAt: 1,
  startedAt: 2,
  endedAt: null,
  request: { dataset: 'd1', stop: { steps: 30 }, seed: 0, backend: 'auto', overrides: {} },
  config: {},
  backend: null,
  step: 0,
  trainedSeconds: 0,
  latest: null,
  checkpointStep: null,
  modelId: null,
  error: null,
  programVersion: '0.1.0',
  ...over,
});

export const sampleExample = (step: number, index: number): RunSample => ({
  step,
  index,
  reference: hash('1'),
  real: hash('2'),
  blended: hash('3'),
  styled: hash('4'),
  fusedMask: mapExample(),
  masks: [mapExample(), mapExample()],
  maps: [mapExample(), mapExample()],
  fusedMap: mapExample(),
  globalSpectrum: mapExample(),
  localSpectrum: mapExample(),
  logitBlended: 1.5,
  logitReal: -1.5,
});

export const jobExample = (over: Partial<Extract<Job, { kind: 'import' }>> = {}): Job => ({
  id: 'j1',
  kind: 'import',
  title: 'Import of Harbour',
  state: 'running',
  progress: { done: 3, total: 10, rate: 2, etaSeconds: 3.5, label: 'a.jpg' },
  createdAt: 1,
  endedAt: null,
  error: null,
  result: null,
  ...over,
});

export const verdictExample = (over: Partial<Verdict> = {}): Verdict => ({
  id: 'v1',
  path: '/cases/a.jpg',
  sha256: hash('5'),
  evidence: null,
  width: 400,
  height: 200,
  format: 'jpeg',
  rendered: false,
  verdict: 'simulated',
  reason: 'The score lies above the threshold.',
  notes: [],
  score: 2.3,
  llr: null,
  statement: null,
  stability: null,
  explanation: null,
  tiles: 8,
  preview: hash('6'),
  maps: {
    covers: { width: 400, height: 200 },
    simulation: mapExample(),
    kernels: [mapExample(), mapExample()],
    localSpectrum: mapExample({ max: 12, unit: 'RMS' }),
    blockSpectrum: mapExample({ max: 15, unit: 'RMS' }),
    globalSpectrum: mapExample({ max: 9, unit: 'ln(1+|DCT|)' }),
    tileScores: mapExample({ min: -3, max: 4, unit: 'logit' }),
  },
  model: { id: 'm1', sha256: hash('7'), name: 'Harbour detector' },
  provider: 'cpu',
  ms: { decode: 1, infer: 2, total: 3 },
  createdAt: 1,
  ...over,
});

export const evidenceExample = (over: Partial<EvidenceItem> = {}): EvidenceItem => ({
  id: 'e1',
  caseId: 'c1',
  sha256: hash('e'),
  storage: 'copy',
  sourcePath: '/photographs/boat.jpg',
  name: 'boat.jpg',
  format: 'jpeg',
  bytes: 1000,
  width: 320,
  height: 240,
  readingNotes: [],
  embeddedDates: [],
  modifiedAt: null,
  thumbnail: hash('f'),
  perceptualHash: '0'.repeat(16),
  rendered: false,
  tags: [],
  notes: '',
  state: 'intact',
  stateReason: null,
  checkedAt: 1,
  verdict: null,
  score: null,
  takenAt: 1,
  ...over,
});
