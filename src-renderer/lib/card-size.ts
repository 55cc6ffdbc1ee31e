/** How large the cards of a grid of pictures are, in CSS pixels: on a wide screen each is larger, not only more of them. */
export type CardSize = {
  columns: number;
  /** Of a card with its gap. */
  height: number;
  /** Of the place for its picture. */
  thumb: number;
};

/** What stands below the picture, with the padding and the gap. */
const REST = 60;
/** From this width of the list on. */
const WIDE = 1400;

/** @param width of the list inside its scroll bar */
export function cardSize(width: number): CardSize {
  const [least, thumb] = width >= WIDE ? [256, 168] : [184, 132];
  return { columns: Math.max(1, Math.floor(width / least)), height: thumb + REST, thumb };
}
