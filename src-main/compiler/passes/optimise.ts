/** The passes in the order in which they pay. What each gave is in `../README.md`. */
import type { OnnxGraph } from '../onnx-graph.ts';
import { removeBroadcasts } from './broadcasts.ts';
import { mergeCasts } from './casts.ts';
import { mergeCommonSubexpressions } from './common-subexpressions.ts';
import { removeDeadCode } from './dead-code.ts';
import { dropNeutralElements } from './neutral-elements.ts';
import type { Pass } from './pass.ts';
import { cancelTransposes } from './transposes.ts';
import { expandUniformConstants } from './uniform-constants.ts';

const passes = [
  ['dead-code', removeDeadCode],
  ['casts', mergeCasts],
  ['uniform-constants', expandUniformConstants],
  ['broadcasts', removeBroadcasts],
  ['neutral-elements', dropNeutralElements],
  ['transposes', cancelTransposes],
  ['common-subexpressions', mergeCommonSubexpressions],
  ['dead-code', removeDeadCode],
] as const satisfies [name: string, pass: Pass][];

/** By the names of their files, each once. */
export type PassName = (typeof passes)[number][0];
export const passNames: PassName[] = [...new Set(passes.map(([name]) => name))];

/** @param without a pass to leave out, to see what it is worth */
export const optimise = (graph: OnnxGraph, without?: PassName): OnnxGraph =>
  passes.reduce((current, [name, pass]) => (name === without ? current : pass(current)), graph);
