/**
 * Keypoints that are alike: P. Alcantarilla, J. Nuevo, A. Bartoli, "Fast explicit diffusion for accelerated features in nonlinear scale
 * spaces", BMVC 2013 (AKAZE, by OpenCV); I. Amerini and others, "A SIFT-based forensic method for copy-move attack detection and
 * transformation recovery", IEEE TIFS 6(3), 2011 (the generalised ratio test, which finds parts that were copied several times).
 */
import { withOpenCv } from '../open-cv.ts';
import type { Plane } from '../mathematics/plane.ts';

/** Keypoints that are compared: the strongest. */
const mostKeypoints = 5000;
/** Of the Hessian's determinant, from which on a point is one; a third of OpenCV's default, for soft pictures. */
const threshold = 0.0001;
/** Neighbours looked at for each keypoint, itself among them. */
const neighbours = 10;
/** A neighbour counts while it is nearer than this share of the distance of the next. */
const ratio = 0.8;
/** Bits of 486 by which two descriptors of the same place may differ. */
const mostBits = 110;

/** Two places that look alike; both orders of a pair are listed. */
export interface SimilarPair {
  x: number;
  y: number;
  u: number;
  v: number;
  /** Of the second to the first. */
  scale: number;
  /** From the first to the second, in degrees. */
  turn: number;
  bits: number;
}

/**
 * @param apart pixels between both places, at least
 * @returns the pairs in the order of their likeness, and how many keypoints there were
 */
export async function similarKeypoints(
  plane: Plane,
  apart: number,
): Promise<{ pairs: SimilarPair[]; keypoints: number }> {
  return withOpenCv((cv, freed) => {
    const image = freed(new cv.Mat(plane.height, plane.width, cv.CV_8UC1));
    for (let i = 0; i < plane.data.length; i++) image.data[i] = Math.round(plane.data[i]!);
    const detector = freed(new cv.AKAZE());
    detector.setThreshold(threshold);
    const vector = freed(new cv.KeyPointVector());
    const descriptors = freed(new cv.Mat());
    detector.detectAndCompute(image, freed(new cv.Mat()), vector, descriptors);
    const all = Array.from({ length: vector.size() }, (_, row) => ({ row, ...vector.get(row) }));
    const points = all
      .toSorted((a, b) => b.response - a.response || a.row - b.row)
      .slice(0, mostKeypoints)
      .sort((a, b) => a.row - b.row);
    if (points.length <= neighbours) return { pairs: [], keypoints: points.length };
    const bytes = descriptors.cols;
    const kept = freed(new cv.Mat(points.length, bytes, cv.CV_8UC1));
    points.forEach(({ row }, i) =>
      kept.data.set(descriptors.data.subarray(row * bytes, (row + 1) * bytes), i * bytes),
    );
    const matches = freed(new cv.DMatchVectorVector());
    freed(new cv.BFMatcher(cv.NORM_HAMMING, false)).knnMatch(kept, kept, matches, neighbours);
    const pairs: SimilarPair[] = [];
    points.forEach((point, i) => {
      const list = freed(matches.get(i));
      const near = Array.from({ length: list.size() }, (_, at) => list.get(at)).filter(({ trainIdx }) => {
        const { x, y } = points[trainIdx]!.pt;
        return Math.hypot(x - point.pt.x, y - point.pt.y) >= apart;
      });
      for (let at = 0; at + 1 < near.length; at++) {
        const { trainIdx, distance } = near[at]!;
        if (distance > mostBits || distance > ratio * near[at + 1]!.distance) break;
        const other = points[trainIdx]!;
        const likeness = { scale: other.size / point.size, turn: other.angle - point.angle, bits: distance };
        const [x, y, u, v] = [point.pt.x, point.pt.y, other.pt.x, other.pt.y];
        pairs.push(
          { x, y, u, v, ...likeness },
          { x: u, y: v, u: x, v: y, scale: 1 / likeness.scale, turn: -likeness.turn, bits: distance },
        );
      }
    });
    return { pairs: pairs.sort((a, b) => a.bits - b.bits), keypoints: points.length };
  });
}
