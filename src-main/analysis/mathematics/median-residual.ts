/** The picture less its 3x3 median, where the traces of upsampling stand out from what the picture shows. */
import { inStrips } from './breathe.ts';
import { medianRows } from './median-filter.ts';
import { newPlane, type Plane } from './plane.ts';

export async function medianResidual(plane: Plane, signal: AbortSignal): Promise<Plane> {
  const residual = newPlane(plane.width, plane.height);
  await inStrips(plane.height, 256, signal, (from, to) => {
    medianRows(plane, residual.data, from, to);
    for (let at = from * plane.width; at < to * plane.width; at++)
      residual.data[at] = plane.data[at]! - residual.data[at]!;
  });
  return residual;
}
