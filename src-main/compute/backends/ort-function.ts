/** One tensor function, compiled for one set of shapes and opened as an ONNX Runtime session. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '#contract/errors.ts';
import { compileToOnnx } from '#compiler/compile.ts';
import type { HostTensor, PreparedFunction, TensorFunction } from '#engine/ports.ts';
import type { Ort } from '#inference/onnx-runtime.ts';

/** A training step takes weights and gives weights of the same names; a graph may not. */
const outputPrefix = 'out:';

export class OrtFunction implements PreparedFunction {
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
