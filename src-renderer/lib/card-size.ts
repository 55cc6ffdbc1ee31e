/** How large the cards of a grid of pictures are, in CSS pixels: on a wide screen each is larger, not only more of them. */
export type CardSize = {
  columns: number;
  /** Of a card with its gap. */
  height: number;
  /** Of the place for its picture. */
  thumb: number;
};

/** The padding and the gap of a card, and a line of text below its picture. */
const GAP = 28;
const LINE = 16;
/** From this width of the list on. */
const WIDE = 1400;

/**
 * @param width of the list inside its scroll bar
 * @param lines of text below the picture
 */
export function cardSize(width: number, lines = 2): CardSize {
  const [least, thumb] = width >= WIDE ? [256, 168] : [184, 132];
  return { columns: Math.max(1, Math.floor(width / least)), height: thumb + GAP + lines * LINE, thumb };
}
