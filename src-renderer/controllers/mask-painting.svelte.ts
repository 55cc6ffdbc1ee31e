/** A mask that is being painted over a picture: the tool, the strokes so far, and what can be taken back. */
import type { MaskStroke } from '#contract/dataset.ts';

export type MaskTool = 'brush' | 'polygon';
type Point = { x: number; y: number };

/** Pixels of the picture between two kept points of a line. */
const APART = 1;

export class MaskPainting {
  tool = $state<MaskTool>('brush');
  erase = $state(false);
  /** Of the brush, in pixels of the picture. */
  width = $state(24);
  strokes = $state.raw<readonly MaskStroke[]>([]);
  /** What is being drawn: the line of the brush, or the corners of a polygon so far. */
  drawn = $state.raw<readonly Point[]>([]);
  /** Where keys draw. */
  cursor = $state.raw<Point>({ x: 0, y: 0 });
  /** Whether the cursor draws as it moves. */
  down = $state(false);
  #undone = $state.raw<readonly MaskStroke[]>([]);
  readonly #size: { width: number; height: number };

  constructor(size: { width: number; height: number }) {
    this.#size = size;
    this.width = Math.max(2, Math.round(Math.min(size.width, size.height) / 24));
    this.cursor = { x: Math.round(size.width / 2), y: Math.round(size.height / 2) };
  }

  get canUndo(): boolean {
    return this.strokes.length > 0 || this.drawn.length > 0;
  }
  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** The stroke that is being drawn, as it would be kept; null where there is none yet. */
  get current(): MaskStroke | null {
    if (this.drawn.length === 0) return null;
    const points = this.drawn.map(({ x, y }): [number, number] => [round(x), round(y)]);
    const { tool, erase, width } = this;
    return tool === 'polygon' && points.length < 3
      ? { tool: 'brush', erase, width: 1, points }
      : { tool, erase, width, points };
  }

  begin(at: Point): void {
    this.drawn = this.tool === 'polygon' ? [...this.drawn, at] : [at];
  }

  /** Goes on with the line of the brush. */
  move(at: Point): void {
    const last = this.drawn.at(-1);
    if (this.tool !== 'brush' || !last) return;
    if (Math.hypot(at.x - last.x, at.y - last.y) >= APART) this.drawn = [...this.drawn, at];
  }

  /** Keeps what was drawn. A polygon of fewer than three corners is none. */
  end(): void {
    const stroke = this.drawn.length >= (this.tool === 'polygon' ? 3 : 1) ? this.current : null;
    this.drawn = [];
    this.down = false;
    if (!stroke) return;
    this.strokes = [...this.strokes, stroke];
    this.#undone = [];
  }

  choose(tool: MaskTool, erase: boolean): void {
    this.drawn = [];
    this.down = false;
    this.tool = tool;
    this.erase = erase;
  }

  undo(): void {
    if (this.drawn.length > 0) {
      this.drawn = this.tool === 'polygon' ? this.drawn.slice(0, -1) : [];
      return;
    }
    const last = this.strokes.at(-1);
    if (!last) return;
    this.strokes = this.strokes.slice(0, -1);
    this.#undone = [...this.#undone, last];
  }

  redo(): void {
    const next = this.#undone.at(-1);
    if (!next) return;
    this.#undone = this.#undone.slice(0, -1);
    this.strokes = [...this.strokes, next];
  }

  /** Moves the cursor by so many pixels, drawing where it is down. */
  step(dx: number, dy: number): void {
    const { width, height } = this.#size;
    this.cursor = {
      x: Math.min(Math.max(this.cursor.x + dx, 0), width),
      y: Math.min(Math.max(this.cursor.y + dy, 0), height),
    };
    if (this.down) this.move(this.cursor);
  }

  /** Puts the brush down at the cursor or lifts it; sets a corner of a polygon. */
  press(): void {
    if (this.tool === 'polygon') return this.begin(this.cursor);
    if (this.down) return this.end();
    this.begin(this.cursor);
    this.down = true;
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;
