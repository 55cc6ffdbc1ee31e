/**
 * How a picture is looked at: which of its pixels is in the middle, how large, and turned how far. Turning is for display
 * only. Lengths on screen are CSS pixels; `scale` is CSS pixels per picture pixel.
 */

const LARGEST = 64;
const STEP = 1.25;

export type Size = { width: number; height: number };
export type Point = { x: number; y: number };
export type Turn = 0 | 90 | 180 | 270;

/** A point turned about the origin, as the screen is: y runs down, positive turns are clockwise. */
const turned = ({ x, y }: Point, turn: Turn): Point => {
  if (turn === 90) return { x: -y, y: x };
  if (turn === 180) return { x: -x, y: -y };
  return turn === 270 ? { x: y, y: -x } : { x, y };
};
const back: Record<Turn, Turn> = { 0: 0, 90: 270, 180: 180, 270: 90 };

export class View {
  scale = $state(1);
  /** The picture's point in the middle of the frame. */
  x = $state(0);
  y = $state(0);
  turn = $state<Turn>(0);
  /** True until a person zooms or moves: the picture then keeps filling its frame. */
  fitted = $state(true);
  #frame = $state.raw<Size>({ width: 0, height: 0 });
  readonly picture: Size;

  constructor(picture: Size) {
    this.picture = picture;
    this.x = picture.width / 2;
    this.y = picture.height / 2;
  }

  get frame(): Size {
    return this.#frame;
  }

  /** The scale at which the whole picture is seen. Small pictures are enlarged by at most 8. */
  get fitScale(): number {
    const { width, height } = this.#frame;
    const lying = this.turn === 90 || this.turn === 270;
    const across = lying ? this.picture.height : this.picture.width;
    const down = lying ? this.picture.width : this.picture.height;
    return Math.min(width / across, height / down, 8) || 1;
  }

  /** Tells the frame's size; a fitted picture is fitted again. */
  measure(frame: Size): void {
    this.#frame = frame;
    if (this.fitted) this.fit();
  }

  fit(): void {
    this.fitted = true;
    this.scale = this.fitScale;
    this.x = this.picture.width / 2;
    this.y = this.picture.height / 2;
  }

  /** One picture pixel is one CSS pixel, around the middle of the frame. */
  actual(): void {
    this.zoomTo(1);
  }

  zoomIn(): void {
    this.zoomTo(this.scale * STEP);
  }

  zoomOut(): void {
    this.zoomTo(this.scale / STEP);
  }

  /** Zooms so that the frame's point `at` keeps showing the same pixel; its middle where none is named. */
  zoomTo(scale: number, at?: Point): void {
    const before = at ? this.toPicture(at) : null;
    this.fitted = false;
    this.scale = Math.min(Math.max(scale, Math.min(this.fitScale, 1) / 2), LARGEST);
    if (!at || !before) return this.#keepInside();
    const after = this.toPicture(at);
    this.x += before.x - after.x;
    this.y += before.y - after.y;
    this.#keepInside();
  }

  /** Moves what is seen by so many CSS pixels. */
  move(dx: number, dy: number): void {
    this.fitted = false;
    const by = turned({ x: dx, y: dy }, back[this.turn]);
    this.x -= by.x / this.scale;
    this.y -= by.y / this.scale;
    this.#keepInside();
  }

  /** Turns by a quarter, clockwise. */
  rotate(): void {
    this.turn = ((this.turn + 90) % 360) as Turn;
    if (this.fitted) this.fit();
  }

  /** Brings a part of the picture into view. */
  show({ x, y, width, height }: { x: number; y: number; width: number; height: number }): void {
    const scale = Math.min(this.#frame.width / (2 * width), this.#frame.height / (2 * height));
    this.fitted = false;
    this.scale = Math.min(Math.max(scale, this.fitScale), 8);
    this.x = x + width / 2;
    this.y = y + height / 2;
    this.#keepInside();
  }

  toPicture(point: Point): Point {
    const from = { x: point.x - this.#frame.width / 2, y: point.y - this.#frame.height / 2 };
    const by = turned(from, back[this.turn]);
    return { x: this.x + by.x / this.scale, y: this.y + by.y / this.scale };
  }

  toFrame(point: Point): Point {
    const by = turned({ x: point.x - this.x, y: point.y - this.y }, this.turn);
    return { x: this.#frame.width / 2 + by.x * this.scale, y: this.#frame.height / 2 + by.y * this.scale };
  }

  /** The part of the picture that is seen, cut to its edges, in its pixels. */
  get seen(): { left: number; top: number; right: number; bottom: number } {
    const { width, height } = this.#frame;
    const a = this.toPicture({ x: 0, y: 0 });
    const b = this.toPicture({ x: width, y: height });
    return {
      left: Math.max(0, Math.min(a.x, b.x)),
      top: Math.max(0, Math.min(a.y, b.y)),
      right: Math.min(this.picture.width, Math.max(a.x, b.x)),
      bottom: Math.min(this.picture.height, Math.max(a.y, b.y)),
    };
  }

  /** Lets a canvas draw in the picture's pixels. `ratio`: device pixels per CSS pixel; `left`: where the frame begins. */
  apply(context: CanvasRenderingContext2D, ratio: number, left = 0): void {
    const { width, height } = this.#frame;
    context.setTransform(ratio, 0, 0, ratio, ratio * (left + width / 2), (ratio * height) / 2);
    context.rotate((this.turn * Math.PI) / 180);
    context.scale(this.scale, this.scale);
    context.translate(-this.x, -this.y);
  }

  /** The middle of the frame always shows the picture. */
  #keepInside(): void {
    this.x = Math.min(Math.max(this.x, 0), this.picture.width);
    this.y = Math.min(Math.max(this.y, 0), this.picture.height);
  }
}
