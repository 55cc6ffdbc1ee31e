/** How every chart looks: axes and colours out of the theme that the page shows when it is asked. */

/** Pixels: of the label of the value axis and of its ticks. */
export const AXIS_SIZE = { x: 24, y: 44, gap: 4 } as const;

export function chartStyle() {
  const style = getComputedStyle(document.documentElement);
  /** The value of a token, e.g. `--series-1`. */
  const colour = (name: `--${string}`): string => style.getPropertyValue(name).trim();
  const font = `11px ${style.getPropertyValue('--font-sans')}`;
  const axis = {
    ...{ stroke: colour('--ink-3'), font, gap: AXIS_SIZE.gap },
    grid: { stroke: colour('--grid'), width: 1 },
    ticks: { show: false },
  };
  return { axis, colour, font };
}

/** A line of such a chart. A single point has no line, and is shown by itself. */
export const chartLine = (stroke: string) => ({
  ...{ stroke, width: 1.5, spanGaps: true },
  points: {
    ...{ size: 5, fill: stroke },
    show: ({ data }: { data: ArrayLike<number | null | undefined>[] }, series: number): boolean =>
      Array.from(data[series] ?? []).filter((value) => value !== null && value !== undefined).length === 1,
  },
});
