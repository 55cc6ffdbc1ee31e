/** The colours in which a report shows its maps. */
import { interpolateInferno } from 'd3-scale-chromatic';

/** The colours of a map from its lowest to its highest value, RGB, [256 * 3]. */
export const colourTable = Uint8Array.from(
  Array.from({ length: 256 }, (_, index) => interpolateInferno(index / 255)).flatMap((colour) =>
    [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)),
  ),
);
