/** An ONNX graph as plain data, before it is written to bytes. Passes are pure functions from one such graph to another. */
import type { Dim } from './batch-dim.ts';

export type OnnxDtype = 'float32' | 'int32' | 'int64' | 'bool' | 'uint8';

export type OnnxAttribute =
  | { kind: 'int'; value: number }
  | { kind: 'ints'; value: number[] }
  | { kind: 'float'; value: number }
  | { kind: 'string'; value: string };

export interface OnnxNode {
  op: string;
  /** The kernel call that it came from: shown by profilers and in ONNX Runtime's messages. */
  name: string;
  /** An empty name stands for an optional input that is left out. */
  inputs: string[];
  outputs: string[];
  attributes: Record<string, OnnxAttribute>;
}

export interface ValueType {
  dtype: OnnxDtype;
  shape: Dim[];
}

export interface Initializer {
  dtype: OnnxDtype;
  shape: number[];
  data: Float32Array | Int32Array | Uint8Array | BigInt64Array;
}

export interface OnnxGraph {
  name: string;
  nodes: OnnxNode[];
  /** Type of every value: inputs, initialisers and what nodes make. */
  types: Map<string, ValueType>;
  initializers: Map<string, Initializer>;
  inputs: string[];
  outputs: string[];
}

export const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const ints = (value: number[]): OnnxAttribute => ({ kind: 'ints', value });
export const float = (value: number): OnnxAttribute => ({ kind: 'float', value });
export const string = (value: string): OnnxAttribute => ({ kind: 'string', value });

/** The integers of an attribute, or `fallback` where it is absent. */
export function intsOf(node: OnnxNode, name: string, fallback: number[] = []): number[] {
  const attribute = node.attributes[name];
  if (attribute?.kind === 'ints') return attribute.value;
  return attribute?.kind === 'int' ? [attribute.value] : fallback;
}

/** For each value that a node makes, that node. */
export function producersOf(graph: OnnxGraph): Map<string, OnnxNode> {
  const producers = new Map<string, OnnxNode>();
  for (const node of graph.nodes) for (const output of node.outputs) producers.set(output, node);
  return producers;
}
