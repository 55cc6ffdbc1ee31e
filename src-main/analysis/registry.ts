/** Every analysis, in the order in which they are listed; its code is loaded when it is first asked for. */
import { AppError } from '#contract/errors.ts';
import type { Analysis } from './analysis.ts';

const loaders: Record<string, () => Promise<unknown>> = {
  'file-structure': async () => (await import('./file-structure/method.ts')).fileStructure,
  metadata: async () => (await import('./metadata/method.ts')).metadata,
  'known-file': async () => (await import('./known-file/method.ts')).knownFile,
  'content-credentials': async () => (await import('./content-credentials/method.ts')).contentCredentials,
  'jpeg-coding': async () => (await import('./jpeg-coding/method.ts')).jpegCoding,
  'jpeg-double': async () => (await import('./jpeg-double/method.ts')).jpegDouble,
  'jpeg-shifted': async () => (await import('./jpeg-shifted/method.ts')).jpegShifted,
  'jpeg-grid': async () => (await import('./jpeg-grid/method.ts')).jpegGrid,
  'jpeg-ghost': async () => (await import('./jpeg-ghost/method.ts')).jpegGhost,
  'error-level': async () => (await import('./error-level/method.ts')).errorLevel,
  'noise-residual': async () => (await import('./noise-residual/method.ts')).noiseResidual,
  'noise-level': async () => (await import('./noise-level/method.ts')).noiseLevel,
  'median-filter': async () => (await import('./median-filter/method.ts')).medianFilter,
  sharpening: async () => (await import('./sharpening/method.ts')).sharpening,
  'colour-filter-array': async () => (await import('./colour-filter-array/method.ts')).colourFilterArray,
  resampling: async () => (await import('./resampling/method.ts')).resampling,
  'copy-move': async () => (await import('./copy-move/method.ts')).copyMove,
  'copy-move-keypoints': async () => (await import('./copy-move-keypoints/method.ts')).copyMoveKeypoints,
  'camera-pattern': async () => (await import('./camera-pattern/method.ts')).cameraPattern,
  'reference-comparison': async () => (await import('./reference-comparison/method.ts')).referenceComparison,
  spectrum: async () => (await import('./spectrum/method.ts')).spectrum,
};

export const analysisNames: readonly string[] = Object.keys(loaders);

/** @throws AppError `not_found`, naming those that there are */
export async function loadAnalysis(name: string): Promise<Analysis> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (!load)
    throw new AppError('not_found', `There is no analysis "${name}".`, {
      hint: `There are: ${analysisNames.join(', ')}.`,
    });
  return (await load()) as Analysis;
}

export const loadAnalyses = (names: readonly string[] = analysisNames): Promise<Analysis[]> =>
  Promise.all(names.map(loadAnalysis));
