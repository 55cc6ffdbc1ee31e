/** ONNX Runtime as a compute backend: tensor functions are traced, compiled to an ONNX graph, and run by a session. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '#contract/errors.ts';
import type { BackendStatus } from '#contract/system.ts';
import { compileToOnnx } from '#compiler/compile.ts';
import type { ComputeBackend, HostTensor, PreparedFunction, TensorFunction } from '#engine/ports.ts';

type Ort = typeof import('onnxruntime-node');

export type OrtProvider = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

export interface OrtOptions {
  provider: OrtProvider;
  /** Threads for one operator; as many as there are processors where absent. */
  threads?: number;
}

/** Lazily, because the library is a native one and may be absent or damaged. */
async function loadOrt(): Promise<Ort> {
  try {
    const loaded = await import('onnxruntime-node');
    return ('default' in loaded ? loaded.default : loaded) as Ort;
  } catch (cause) {
    throw new AppError('backend_unavailable', 'ONNX Runtime could not be loaded.', { cause });
  }
}

/**
 * @throws AppError `backend_unavailable` where ONNX Runtime or the provider is absent.
 */
export async function createOrtBackend({ provider, threads }: OrtOptions): Promise<ComputeBackend> {
  const ort = await loadOrt();
  const status = (await ortProviders()).find((candidate) => candidate.provider === provider);
  if (!status?.ready)
    throw new AppError(
      'backend_unavailable',
      `ONNX Runtime cannot run on ${provider}: ${status?.reason ?? 'no such provider is known'}.`,
    );
  const prepared = new Set<OrtFunction>();
  return {
    name: 'ort',
    provider,
    device: status.device,
    async prepare(name, fn, example) {
      const made = await OrtFunction.prepare(ort, name, fn, example, {
        executionProviders: [provider],
        graphOptimizationLevel: 'all',
        intraOpNumThreads: threads ?? os.availableParallelism(),
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      });
      prepared.add(made);
      return made;
    },
    async dispose() {
      for (const one of prepared) await one.dispose();
      prepared.clear();
    },
  };
}

/** A training step takes weights and gives weights of the same names; a graph may not. */
const outputPrefix = 'out:';

class OrtFunction implements PreparedFunction {
  readonly #ort: Ort;
  readonly #name: string;
  readonly #shapes: Map<string, Pick<HostTensor, 'dtype' | 'shape'>>;
  #session: InferenceSession | null;

  private constructor(
    ort: Ort,
    name: string,
    example: Record<string, HostTensor>,
    session: InferenceSession,
  ) {
    this.#ort = ort;
    this.#name = name;
    this.#session = session;
    this.#shapes = new Map(Object.entries(example).map(([key, { dtype, shape }]) => [key, { dtype, shape }]));
  }

  static async prepare(
    ort: Ort,
    name: string,
    fn: TensorFunction,
    example: Record<string, HostTensor>,
    options: InferenceSession.SessionOptions,
  ): Promise<OrtFunction> {
    const bytes = await compileToOnnx(name, fn, example, { outputPrefix });
    try {
      return new OrtFunction(ort, name, example, await ort.InferenceSession.create(bytes, options));
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new AppError('internal', `ONNX Runtime refused the compiled function "${name}": ${detail}`, {
        cause,
      });
    }
  }

  async run(inputs: Record<string, HostTensor>): Promise<Record<string, HostTensor>> {
    if (!this.#session) throw new AppError('internal', `The function "${this.#name}" was disposed of.`);
    const feeds: Record<string, Tensor> = {};
    for (const name of this.#session.inputNames) feeds[name] = this.#feed(name, inputs[name]);
    const results = await this.#session.run(feeds);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [
        name.slice(outputPrefix.length),
        hostTensor(tensor as Tensor),
      ]),
    );
  }

  async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.release();
  }

  #feed(name: string, tensor: HostTensor | undefined): Tensor {
    const expected = this.#shapes.get(name)!;
    const wanted = `${expected.dtype} [${expected.shape.join(', ')}]`;
    const given = tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'nothing';
    if (!tensor || wanted !== given)
      throw new AppError(
        'internal',
        `The function "${this.#name}" takes ${wanted} as "${name}", not ${given}.`,
      );
    return tensor.dtype === 'float32'
      ? new this.#ort.Tensor('float32', tensor.data, tensor.shape)
      : new this.#ort.Tensor('int32', tensor.data, tensor.shape);
  }
}

function hostTensor(tensor: Tensor): HostTensor {
  const shape = [...tensor.dims];
  if (tensor.type === 'float32') return { dtype: 'float32', shape, data: tensor.data as Float32Array };
  return { dtype: 'int32', shape, data: tensor.data as Int32Array };
}

const names: Record<string, string> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'CoreML',
};

const remedies: Record<string, string> = {
  cuda: 'this ONNX Runtime has no CUDA provider; its CUDA libraries are an extra download',
  dml: 'DirectML is part of Windows only',
  coreml: 'CoreML is part of macOS only',
  webgpu: 'this ONNX Runtime has no WebGPU provider',
};

/** Providers that are not bundled live in a library of their own beside the bundled ones. */
function hasLibrary(provider: string): boolean {
  const root = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const folder = path.join(root, 'bin', 'napi-v6', process.platform, process.arch);
  const [prefix, suffix] = process.platform === 'win32' ? ['', '.dll'] : ['lib', '.so'];
  return existsSync(path.join(folder, `${prefix}onnxruntime_providers_${provider}${suffix}`));
}

/** What ONNX Runtime offers here. Providers are listed, not started: a listed GPU provider may still find no GPU. */
export async function ortProviders(): Promise<BackendStatus[]> {
  let listed: string[];
  let failure = '';
  try {
    const supported = (await loadOrt()).listSupportedBackends();
    listed = supported.filter(({ name, bundled }) => bundled || hasLibrary(name)).map(({ name }) => name);
  } catch (error) {
    listed = [];
    failure = error instanceof Error ? error.message : String(error);
  }
  return Object.entries(names).map(([provider, device]) => {
    const ready = listed.includes(provider);
    return {
      name: 'ort',
      provider,
      ready,
      device: ready && provider === 'cpu' ? (os.cpus()[0]?.model ?? device) : device,
      reason: ready ? '' : failure || (remedies[provider] ?? 'it is not part of this ONNX Runtime'),
    };
  });
}
