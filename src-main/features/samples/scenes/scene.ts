/** What every kind of sample scene is given, and what it does: paint a canvas. */
import type { Random } from '#engine/random.ts';
import type { Canvas, Texture } from '../scene-canvas.ts';

export interface SceneMaterials {
  canvas: Canvas;
  random: Random;
  /** Two independent 1/f textures of this scene. */
  textures: readonly [Texture, Texture];
}
export type PaintScene = (materials: SceneMaterials) => void;
