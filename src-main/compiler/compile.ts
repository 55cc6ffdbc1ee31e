/** From a tensor function to the bytes of an ONNX file: trace, lower, optimise, write. */
import type { HostTensor, TensorFunction } from '#engine/ports.ts';
import { type LowerOptions, lowerTrace } from './lower-trace.ts';
import { mergeTraces } from './merge-traces.ts';
import { writeOnnx } from './onnx-file.ts';
import type { OnnxGraph } from './onnx-graph.ts';
import { optimise, type PassName } from './passes/optimise.ts';
import type { Trace } from './trace.ts';
import { traceFunction } from './trace-function.ts';

export interface CompileOptions extends LowerOptions {
  /** Let the first dimension of the inputs vary when the graph runs. The example's own first dimension is ignored. */
  dynamicBatch?: boolean;
  /** Inputs whose first dimension is the batch, where not all are. */
  batchInputs?: string[];
  /** A pass to leave out, to see what it is worth. */
  withoutPass?: PassName;
  /** Metadata properties of the file. */
  metadata?: Record<string, string>;
}

/** Batch sizes at which a function is traced to find what depends on the batch. */
const batchSizes = [2, 3] as const;

/**
 * Compiles `fn`, which is bound to the shapes of `example` except for a dynamic batch. Booleans among the outputs become
 * int32. Variables and other tensors that `fn` captures become constants of the file.
 * @throws AppError where the function cannot be traced or a kernel cannot be lowered, naming the kernel and the line.
 */
export async function compileToOnnx(
  name: string,
  fn: TensorFunction,
  example: Record<string, HostTensor>,
  options: CompileOptions = {},
): Promise<Uint8Array> {
  const graph = await compileToGraph(name, fn, example, options);
  return writeOnnx(graph, options.metadata ? { metadata: options.metadata } : {});
}

/** The same, before it is written. */
export async function compileToGraph(
  name: string,
  fn: TensorFunction,
  example: Record<string, HostTensor>,
  options: CompileOptions = {},
): Promise<OnnxGraph> {
  const trace = options.dynamicBatch
    ? await traceBothSizes(fn, example, options.batchInputs ?? Object.keys(example))
    : await traceFunction(fn, example);
  return optimise(lowerTrace(name, trace, options), options.withoutPass);
}

async function traceBothSizes(
  fn: TensorFunction,
  example: Record<string, HostTensor>,
  batched: string[],
): Promise<Trace> {
  const sized = async (batch: number) => ({
    batch,
    trace: await traceFunction(fn, withBatch(example, batched, batch)),
  });
  return mergeTraces(await sized(batchSizes[0]), await sized(batchSizes[1]));
}

/** The example with another batch size, its values replaced by zeros. */
function withBatch(
  example: Record<string, HostTensor>,
  batched: string[],
  batch: number,
): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(example).map(([name, tensor]) => {
      if (!batched.includes(name)) return [name, tensor];
      const shape = [batch, ...tensor.shape.slice(1)];
      const size = shape.reduce((product, dim) => product * dim, 1);
      return [
        name,
        tensor.dtype === 'float32'
          ? { dtype: tensor.dtype, shape, data: new Float32Array(size) }
          : { dtype: tensor.dtype, shape, data: new Int32Array(size) },
      ];
    }),
  );
}
