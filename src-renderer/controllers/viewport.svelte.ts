/** Zoom and position of a picture in its frame. Lengths in CSS pixels; `scale` is CSS pixels per picture pixel. */

const LARGEST = 32;
const STEP = 1.25;

export type Size = { width: number; height: number };

export class Viewport {
  scale = $state(1);
  x = $state(0);
  y = $state(0);
  /** True until a person zooms or moves: the picture then keeps filling its frame. */
  fitted = $state(true);
  #frame: Size = { width: 0, height: 0 };
  #picture: Size = { width: 1, height: 1 };

  /** The scale at which the whole picture is seen. Small pictures are enlarged by at most 8. */
  get fitScale(): number {
    const { width, height } = this.#frame;
    return Math.min(width / this.#picture.width, height / this.#picture.height, 8) || 1;
  }

  /** Tells the sizes; a fitted picture is fitted again. */
  measure(frame: Size, picture: Size): void {
    this.#frame = frame;
    this.#picture = picture;
    if (this.fitted) this.fit();
  }

  fit(): void {
    this.fitted = true;
    this.#set(this.fitScale);
    this.#centre();
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
  zoomTo(scale: number, at?: { x: number; y: number }): void {
    const point = at ?? { x: this.#frame.width / 2, y: this.#frame.height / 2 };
    const before = this.toPicture(point);
    this.fitted = false;
    this.#set(scale);
    this.x = point.x - before.x * this.scale;
    this.y = point.y - before.y * this.scale;
    this.#keepInside();
  }

  move(dx: number, dy: number): void {
    this.fitted = false;
    this.x += dx;
    this.y += dy;
    this.#keepInside();
  }

  /** The picture's coordinates under a point of the frame. */
  toPicture(point: { x: number; y: number }): { x: number; y: number } {
    return { x: (point.x - this.x) / this.scale, y: (point.y - this.y) / this.scale };
  }

  #set(scale: number): void {
    this.scale = Math.min(Math.max(scale, Math.min(this.fitScale, 1) / 2), LARGEST);
  }

  #centre(): void {
    this.x = (this.#frame.width - this.#picture.width * this.scale) / 2;
    this.y = (this.#frame.height - this.#picture.height * this.scale) / 2;
  }

  /** A picture larger than the frame covers it; a smaller one stays in its middle. */
  #keepInside(): void {
    const limit = (at: number, frame: number, size: number) =>
      size <= frame ? (frame - size) / 2 : Math.min(Math.max(at, frame - size), 0);
    this.x = limit(this.x, this.#frame.width, this.#picture.width * this.scale);
    this.y = limit(this.y, this.#frame.height, this.#picture.height * this.scale);
  }
}
