/**
 * Resizing and average pooling are linear in each axis: a picture [h, w] becomes `rows` times picture times `columns`
 * transposed. These are the matrices; their transposes are the exact gradients.
 */

/** A matrix [outSize, inSize], row-major. */
export interface SamplingMatrix {
  rows: number;
  columns: number;
  data: Float32Array;
}

export interface Resizing {
  inSize: number;
  outSize: number;
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** Input units per output unit, as TensorFlow defines it: corners are aligned only if the output has two or more. */
function ratio({ inSize, outSize, alignCorners }: Resizing): number {
  return alignCorners && outSize > 1 ? (inSize - 1) / (outSize - 1) : inSize / outSize;
}

export function bilinearMatrix(resizing: Resizing): SamplingMatrix {
  const { inSize, outSize, halfPixelCenters } = resizing;
  const matrix = zeros(outSize, inSize);
  for (let i = 0; i < outSize; i++) {
    const source = halfPixelCenters ? ratio(resizing) * (i + 0.5) - 0.5 : ratio(resizing) * i;
    const clamped = Math.min(Math.max(source, 0), inSize - 1);
    const low = Math.floor(clamped);
    const high = Math.min(low + 1, inSize - 1);
    matrix.data[i * inSize + low]! += 1 - (clamped - low);
    matrix.data[i * inSize + high]! += clamped - low;
  }
  return matrix;
}

export function nearestMatrix(resizing: Resizing): SamplingMatrix {
  const { inSize, outSize, alignCorners, halfPixelCenters } = resizing;
  const matrix = zeros(outSize, inSize);
  for (let i = 0; i < outSize; i++) {
    const source = ratio(resizing) * (halfPixelCenters ? i + 0.5 : i);
    const nearest = Math.min(inSize - 1, alignCorners ? Math.round(source) : Math.floor(source));
    matrix.data[i * inSize + Math.max(0, nearest)] = 1;
  }
  return matrix;
}

/** Means of windows; what lies outside the picture does not count. */
export function poolingMatrix(
  inSize: number,
  outSize: number,
  window: number,
  stride: number,
  padding: number,
): SamplingMatrix {
  const matrix = zeros(outSize, inSize);
  for (let i = 0; i < outSize; i++) {
    const start = Math.max(0, i * stride - padding);
    const end = Math.min(inSize, i * stride - padding + window);
    for (let j = start; j < end; j++) matrix.data[i * inSize + j] = 1 / (end - start);
  }
  return matrix;
}

export function transposed({ rows, columns, data }: SamplingMatrix): SamplingMatrix {
  const result = zeros(columns, rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result.data[j * rows + i] = data[i * columns + j]!;
  return result;
}

const zeros = (rows: number, columns: number): SamplingMatrix => ({
  rows,
  columns,
  data: new Float32Array(rows * columns),
});
