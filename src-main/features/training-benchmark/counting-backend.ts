/**
 * A backend that computes nothing: it compiles what it is given, counts the work of each run, and answers zeros. By it, a
 * training says how much work one of its iterations is, without anybody repeating what its steps are.
 */
import '@tensorflow/tfjs'; // registers the gradients of all kernels, which the trace of a step runs through
import { isFixedShape } from '#compiler/batch-dim.ts';
import { compileToGraph } from '#compiler/compile.ts';
import { countWork, type Work } from '#compiler/count-work.ts';
import type { OnnxGraph } from '#compiler/onnx-graph.ts';
import type { ComputeBackend, HostTensor } from '#engine/ports.ts';

const outputPrefix = 'out:';

export interface CountingBackend {
  backend: ComputeBackend;
  /** The work of all runs since the last call. */
  take(): Work;
}

function zeros(graph: OnnxGraph): Record<string, HostTensor> {
  return Object.fromEntries(
    graph.outputs.map((name): [string, HostTensor] => {
      const { dtype, shape } = graph.types.get(name)!;
      if (!isFixedShape(shape)) throw new Error(`the shape of ${name} is not fixed`);
      const size = shape.reduce((product, dim) => product * dim, 1);
      const tensor: HostTensor =
        dtype === 'float32'
          ? { dtype, shape, data: new Float32Array(size) }
          : { dtype: 'int32', shape, data: new Int32Array(size) };
      return [name.slice(outputPrefix.length), tensor];
    }),
  );
}

export function counting(): CountingBackend {
  let total: Work = { matrix: 0, other: 0 };
  return {
    backend: {
      name: 'counting',
      provider: 'none',
      device: 'none',
      async prepare(name, fn, example) {
        const graph = await compileToGraph(name, fn, example, { outputPrefix });
        const work = countWork(graph);
        return {
          run: () => {
            total = { matrix: total.matrix + work.matrix, other: total.other + work.other };
            return Promise.resolve(zeros(graph));
          },
          dispose: () => Promise.resolve(),
        };
      },
      dispose: () => Promise.resolve(),
    },
    take() {
      const taken = total;
      total = { matrix: 0, other: 0 };
      return taken;
    },
  };
}
