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

const passes: Pass[] = [
  removeDeadCode,
  mergeCasts,
  expandUniformConstants,
  removeBroadcasts,
  dropNeutralElements,
  cancelTransposes,
  mergeCommonSubexpressions,
  removeDeadCode,
];

export const optimise = (graph: OnnxGraph): OnnxGraph =>
  passes.reduce((current, pass) => pass(current), graph);
