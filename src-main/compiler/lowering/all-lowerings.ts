/** Every kernel that can be lowered, by TensorFlow.js's name for it. */
import { arithmetic } from './arithmetic.ts';
import { convolution } from './convolution.ts';
import { elementwise } from './elementwise.ts';
import { indexing } from './indexing.ts';
import type { Lowering, Lowerings } from './lowering.ts';
import { normalisation } from './normalisation.ts';
import { pictures } from './pictures.ts';
import { products } from './products.ts';
import { reductions } from './reductions.ts';
import { shaping } from './shaping.ts';

const all: Lowerings = {
  ...elementwise,
  ...arithmetic,
  ...reductions,
  ...shaping,
  ...products,
  ...convolution,
  ...pictures,
  ...indexing,
  ...normalisation,
};

export const findLowering = (kernel: string): Lowering | undefined =>
  Object.hasOwn(all, kernel) ? all[kernel] : undefined;
