/** ONNX files: a graph written as a ModelProto, and metadata read back. */
import onnxProto from 'onnx-proto';
import type { onnx as Onnx } from 'onnx-proto';
import { AppError } from '#contract/errors.ts';
import { type Dim, isFixed } from './batch-dim.ts';
import { dtypeCode } from './graph-builder.ts';
import type { Initializer, OnnxAttribute, OnnxGraph, OnnxNode, ValueType } from './onnx-graph.ts';

const { onnx } = onnxProto;

/** The version of ONNX's operators that lowerings are written for: the first with `axes` as input in every reduction. */
export const onnxOpset = 18;
/** The version of the file format that goes with it. */
const irVersion = 8;

export interface OnnxFileOptions {
  metadata?: Record<string, string>;
  /** Written as the producer's name. */
  producer?: string;
}

/** The bytes of an .onnx file. */
export function writeOnnx(graph: OnnxGraph, options: OnnxFileOptions = {}): Uint8Array {
  const model: Onnx.IModelProto = {
    irVersion,
    producerName: options.producer ?? 'pentimento',
    opsetImport: [{ domain: '', version: onnxOpset }],
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: graph.nodes.map(nodeProto),
      initializer: [...graph.initializers].map(([name, initializer]) => tensorProto(name, initializer)),
      input: graph.inputs.map((name) => valueProto(name, graph.types.get(name)!)),
      output: graph.outputs.map((name) => valueProto(name, graph.types.get(name)!)),
    },
  };
  return onnx.ModelProto.encode(model).finish();
}

/** What an ONNX file says of itself. */
export interface OnnxFacts {
  metadata: Record<string, string>;
  /** Names, in the order of the file. */
  outputs: string[];
  /** Names of tensors whose values lie in other files, wherever in the graph they are. */
  external: string[];
}

/** @throws AppError `model_invalid` where the bytes are not an ONNX model. */
export function readOnnxFacts(bytes: Uint8Array): OnnxFacts {
  try {
    const { graph, opsetImport, metadataProps } = onnx.ModelProto.decode(bytes);
    if (!graph || opsetImport.length === 0) throw new Error('no graph');
    const metadata = Object.fromEntries(metadataProps.map(({ key, value }) => [key ?? '', value ?? '']));
    const outputs = (graph.output ?? []).map(({ name }) => name ?? '');
    return { metadata, outputs, external: [...externalTensors(graph)] };
  } catch (cause) {
    throw new AppError('model_invalid', 'These bytes are not an ONNX model.', { cause });
  }
}

function* externalTensors(graph: Onnx.IGraphProto): Generator<string> {
  const isExternal = ({ dataLocation }: Onnx.ITensorProto): boolean =>
    dataLocation === onnx.TensorProto.DataLocation.EXTERNAL;
  for (const tensor of graph.initializer ?? []) if (isExternal(tensor)) yield tensor.name ?? '';
  for (const { name, attribute } of graph.node ?? [])
    for (const { t, g, tensors, graphs } of attribute ?? []) {
      if ([...(t ? [t] : []), ...(tensors ?? [])].some(isExternal)) yield name ?? '';
      for (const inner of [...(g ? [g] : []), ...(graphs ?? [])]) yield* externalTensors(inner);
    }
}

function nodeProto(node: OnnxNode): Onnx.INodeProto {
  return {
    opType: node.op,
    name: node.name,
    input: node.inputs,
    output: node.outputs,
    attribute: Object.entries(node.attributes).map(([name, attribute]) => attributeProto(name, attribute)),
  };
}

function attributeProto(name: string, attribute: OnnxAttribute): Onnx.IAttributeProto {
  const types = onnx.AttributeProto.AttributeType;
  switch (attribute.kind) {
    case 'int':
      return { name, type: types.INT, i: attribute.value };
    case 'ints':
      return { name, type: types.INTS, ints: attribute.value };
    case 'float':
      return { name, type: types.FLOAT, f: attribute.value };
    case 'string':
      return { name, type: types.STRING, s: new TextEncoder().encode(attribute.value) };
  }
}

function tensorProto(name: string, { dtype, shape, data }: Initializer): Onnx.ITensorProto {
  return {
    name,
    dataType: dtypeCode[dtype],
    dims: shape,
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function valueProto(name: string, { dtype, shape }: ValueType): Onnx.IValueInfoProto {
  const dim = shape.map((size) => (isFixed(size) ? { dimValue: size } : { dimParam: dimensionName(size) }));
  return { name, type: { tensorType: { elemType: dtypeCode[dtype], shape: { dim } } } };
}

/** `N` for the batch itself; what is computed from it gets a name of its own, such as `N_times_2_plus_1`. */
function dimensionName(dim: Exclude<Dim, number>): string {
  const times = dim.perItem === 1 ? '' : `_times_${dim.perItem}`;
  return `N${times}${dim.fixed === 0 ? '' : `_plus_${dim.fixed}`}`;
}
