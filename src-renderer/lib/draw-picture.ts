/** Draws one pane of the review: tiles of the original, the layer over them, its contour, and notes on regions. */
import type { ReviewController, Side } from '../controllers/review.svelte.ts';
import type { Point, View } from '../controllers/view.svelte.ts';
import type { ColourMapName } from './colour-map.ts';
import type { Layer } from './layers.ts';
import { outlinedMap, paintedMap } from './painted-maps.ts';
import { reviewText } from './text/review.ts';

/** A part of the frame, in CSS pixels; `shift` is where the view's own frame begins in it. */
export type Pane = { side: Side; left: number; width: number; shift: number };
export type Look = {
  /** Device pixels per CSS pixel. */
  ratio: number;
  height: number;
  opacity: number;
  colours: ColourMapName;
  region: string;
  chosen: string;
  /** A region that is being drawn. */
  drawn: { from: Point; to: Point } | null;
};

export function drawPane(
  context: CanvasRenderingContext2D,
  controller: ReviewController,
  pane: Pane,
  look: Look,
): void {
  const { view, tiles } = controller;
  const { ratio } = look;
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.beginPath();
  context.rect(pane.left, 0, pane.width, look.height);
  context.clip();
  view.apply(context, ratio, pane.shift);
  // Enlarged pixels stay squares: nothing is shown that is not there.
  context.imageSmoothingEnabled = view.scale * ratio < 1;
  context.imageSmoothingQuality = 'high';
  const layer = controller.layerOf(pane.side);
  if (!layer?.alone) tiles.draw(context, view.seen, tiles.levelFor(view.scale * ratio));
  if (layer) drawLayer(context, controller, layer, look);
  drawRegions(context, controller, look);
  context.restore();
}

function drawLayer(
  context: CanvasRenderingContext2D,
  controller: ReviewController,
  layer: Layer,
  { opacity, colours }: Look,
): void {
  const map = controller.mapOf(layer);
  if (!map) return;
  const { reference, covers, alone } = layer;
  context.globalAlpha = alone ? 1 : opacity;
  context.imageSmoothingEnabled = false;
  const painted = paintedMap(reference, map, colours, controller.rangeOf(layer));
  context.drawImage(painted, covers.x, covers.y, covers.width, covers.height);
  context.globalAlpha = 1;
  if (!controller.contour) return;
  const path = new Path2D();
  const across = covers.width / map.width;
  const down = covers.height / map.height;
  path.addPath(
    outlinedMap(reference, map, controller.thresholdOf(layer)),
    new DOMMatrix([across, 0, 0, down, covers.x, covers.y]),
  );
  stroke(context, path, controller.view.scale, '#ffffff');
}

/** A line of even width at any zoom, with a dark edge so that it is seen on any ground. */
function stroke(context: CanvasRenderingContext2D, path: Path2D, scale: number, colour: string): void {
  context.lineWidth = 3.5 / scale;
  context.strokeStyle = 'rgb(0 0 0 / 70%)';
  context.stroke(path);
  context.lineWidth = 1.5 / scale;
  context.strokeStyle = colour;
  context.stroke(path);
}

function drawRegions(context: CanvasRenderingContext2D, controller: ReviewController, look: Look): void {
  const { view } = controller;
  const box = (x: number, y: number, width: number, height: number, colour: string) => {
    const path = new Path2D();
    path.rect(x, y, width, height);
    stroke(context, path, view.scale, colour);
  };
  const number = (label: string, x: number, y: number, colour: string) => {
    const size = 12 / view.scale;
    context.font = `600 ${size}px sans-serif`;
    context.lineWidth = 3 / view.scale;
    context.strokeStyle = 'rgb(0 0 0 / 80%)';
    context.strokeText(label, x + size / 3, y + size * 1.1);
    context.fillStyle = colour;
    context.fillText(label, x + size / 3, y + size * 1.1);
  };
  const explanation = controller.tilesShown ? controller.verdict?.explanation : null;
  explanation?.tiles.forEach(({ x, y }, i) => {
    const side = explanation.parameters.tileSize;
    box(x, y, side, side, look.chosen);
    number(reviewText.explanation.tileMark(i + 1), x, y, look.chosen);
  });
  (controller.regions.data ?? []).forEach(({ id, area }, i) => {
    const colour = id === controller.chosenRegion ? look.chosen : look.region;
    box(area.x, area.y, area.width, area.height, colour);
    number(String(i + 1), area.x, area.y, colour);
  });
  if (look.drawn) {
    const { from, to } = look.drawn;
    box(from.x, from.y, to.x - from.x, to.y - from.y, look.chosen);
  }
}

/** A chip of text on the canvas, in CSS pixels. */
function tag(context: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  context.font = '500 12px "Plex Sans", sans-serif';
  const { width } = context.measureText(text);
  context.fillStyle = 'rgb(0 0 0 / 78%)';
  context.fillRect(x, y - 15, width + 12, 20);
  context.fillStyle = '#ffffff';
  context.fillText(text, x + 6, y);
}

/** How long a measured line is, in pixels of the picture. */
export function measure({ from, to }: { from: Point; to: Point }): string {
  const [dx, dy] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
  return reviewText.length(Math.hypot(dx, dy).toFixed(1), Math.round(dx), Math.round(dy));
}

export function drawRuler(
  context: CanvasRenderingContext2D,
  view: View,
  line: { from: Point; to: Point },
): void {
  const [from, to] = [view.toFrame(line.from), view.toFrame(line.to)];
  const path = new Path2D();
  path.moveTo(from.x, from.y);
  path.lineTo(to.x, to.y);
  for (const end of [from, to]) path.rect(end.x - 3, end.y - 3, 6, 6);
  stroke(context, path, 1, '#ffffff');
  tag(context, measure(line), to.x + 10, to.y - 8);
}

/** A bar of a round number of pixels at the lower left. */
export function drawScaleBar(context: CanvasRenderingContext2D, view: View, height: number): void {
  const most = 120 / view.scale;
  const power = 10 ** Math.floor(Math.log10(most));
  const pixels = [5, 2, 1].map((one) => one * power).find((one) => one <= most) ?? power;
  const length = pixels * view.scale;
  const path = new Path2D();
  path.moveTo(16, height - 22);
  path.lineTo(16, height - 16);
  path.lineTo(16 + length, height - 16);
  path.lineTo(16 + length, height - 22);
  stroke(context, path, 1, '#ffffff');
  tag(context, `${pixels >= 1 ? pixels : pixels.toPrecision(1)} px`, 22 + length, height - 14);
}
