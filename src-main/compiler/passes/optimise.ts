/** The passes in the order in which they pay. */
import type { OnnxGraph } from '../onnx-graph.ts';
import { mergeCommonSubexpressions } from './common-subexpressions.ts';
import { removeDeadCode } from './dead-code.ts';
import type { Pass } from './pass.ts';

const passes: Pass[] = [removeDeadCode, mergeCommonSubexpressions, removeDeadCode];

export const optimise = (graph: OnnxGraph): OnnxGraph =>
  passes.reduce((current, pass) => pass(current), graph);
