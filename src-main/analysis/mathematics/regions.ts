/** Connected groups of marked cells. */

export interface Region {
  /** Marked cells. */
  cells: number;
  /** In cells, `right` and `bottom` included. */
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** Their indices, ascending. */
  indices: number[];
}

/** Groups that touch by a side or a corner, of at least `least` cells, the largest first. */
export function connectedRegions(marked: Uint8Array, width: number, least: number): Region[] {
  const seen = new Uint8Array(marked.length);
  const height = marked.length / width;
  const regions: Region[] = [];
  for (let start = 0; start < marked.length; start++) {
    if (!marked[start] || seen[start]) continue;
    const indices = [start];
    seen[start] = 1;
    const region = { cells: 0, left: width, top: height, right: 0, bottom: 0, indices };
    for (let next = 0; next < indices.length; next++) {
      const x = indices[next]! % width;
      const y = (indices[next]! - x) / width;
      region.left = Math.min(region.left, x);
      region.right = Math.max(region.right, x);
      region.top = Math.min(region.top, y);
      region.bottom = Math.max(region.bottom, y);
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const at = v * width + u;
          if (!marked[at] || seen[at]) continue;
          seen[at] = 1;
          indices.push(at);
        }
    }
    region.cells = indices.length;
    if (region.cells < least) continue;
    indices.sort((a, b) => a - b);
    regions.push(region);
  }
  return regions.sort((a, b) => b.cells - a.cells || a.indices[0]! - b.indices[0]!);
}
