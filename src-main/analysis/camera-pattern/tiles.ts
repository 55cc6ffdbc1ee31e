/** Square tiles that cover a plane, for transforms of a part at a time. */

/** The largest power of two up to 512 that fits into the shorter side. */
export const tileSide = ({ width, height }: { width: number; height: number }): number =>
  Math.min(512, 2 ** Math.floor(Math.log2(Math.min(width, height))));

/** Where tiles begin along a length: side by side, the last one moved back so that it fits. */
export function tileStarts(length: number, side: number): number[] {
  const starts: number[] = [];
  for (let at = 0; at + side <= length; at += side) starts.push(at);
  if (length % side > 0) starts.push(length - side);
  return starts;
}
