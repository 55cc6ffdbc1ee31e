/** OpenCV as WebAssembly, with types of the parts that are used: the package's own leave AKAZE out. */
import { createRequire } from 'node:module';
import { library } from './library.ts';

export const openCvLibrary = library('@techstark/opencv-js', 'OpenCV (@techstark/opencv-js)');

interface Deletable {
  delete(): void;
}
export interface CvMatrix extends Deletable {
  rows: number;
  cols: number;
  data: Uint8Array;
}
export interface CvVector<T> extends Deletable {
  size(): number;
  get(index: number): T;
}
export interface CvKeypoint {
  pt: { x: number; y: number };
  /** Diameter of the neighbourhood, in pixels. */
  size: number;
  /** Degrees. */
  angle: number;
  response: number;
}
export interface CvMatch {
  trainIdx: number;
  distance: number;
}

export interface OpenCv {
  CV_8UC1: number;
  NORM_HAMMING: number;
  Mat: { new (): CvMatrix; new (rows: number, columns: number, type: number): CvMatrix };
  KeyPointVector: new () => CvVector<CvKeypoint>;
  DMatchVectorVector: new () => CvVector<CvVector<CvMatch>>;
  AKAZE: new () => Deletable & {
    setThreshold(value: number): void;
    detectAndCompute(
      image: CvMatrix,
      mask: CvMatrix,
      keypoints: CvVector<CvKeypoint>,
      descriptors: CvMatrix,
    ): void;
  };
  BFMatcher: new (
    norm: number,
    crossCheck: boolean,
  ) => Deletable & {
    knnMatch(query: CvMatrix, train: CvMatrix, matches: CvVector<CvVector<CvMatch>>, k: number): void;
  };
}

/** Loaded at first use, which takes a second; by `require`, as analysing so large a module for `import` takes much longer. */
let loading: Promise<{ cv: OpenCv }> | undefined;

const load = (): Promise<{ cv: OpenCv }> =>
  new Promise((resolve) => {
    const cv = createRequire(import.meta.url)('@techstark/opencv-js') as OpenCv & {
      onRuntimeInitialized?: () => void;
    };
    if ('Mat' in cv) resolve({ cv });
    else (cv as { onRuntimeInitialized?: () => void }).onRuntimeInitialized = () => resolve({ cv });
  });

/** Calls `use` with OpenCV and a function that remembers what is to be freed when `use` has ended. */
export async function withOpenCv<T>(
  use: (cv: OpenCv, freed: <D extends Deletable>(object: D) => D) => T,
): Promise<T> {
  const { cv } = await (loading ??= load());
  const objects: Deletable[] = [];
  try {
    return use(cv, (object) => {
      objects.push(object);
      return object;
    });
  } finally {
    for (const object of objects.reverse()) object.delete();
  }
}
