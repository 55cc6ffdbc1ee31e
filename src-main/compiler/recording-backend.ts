/**
 * A TensorFlow.js backend that computes nothing itself: it hands every kernel to the WASM backend and, while a recording
 * is on, writes the call down. Reading values while recording is refused, because a traced function must not depend on
 * them. Tensors made here live in the WASM backend's memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { AppError } from '#contract/errors.ts';
import { callerLine, captureStack } from './caller-line.ts';
import type { Recording } from './recording.ts';
import { ScratchMemory } from './scratch-memory.ts';
import { standIns } from './stand-in-kernels.ts';

export const recorderName = 'pentimento-recorder';
const hostName = 'wasm';

/** The parts of the WASM backend that kernels and the recorder use. */
export interface WasmBackend extends tf.KernelBackend {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  readonly wasm: { _malloc(bytes: number): number; _free(address: number): void };
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
}

let active: Recording | null = null;
let scratch: ScratchMemory | null = null;

/** Delegates storage to the WASM backend and guards reads. */
class RecordingBackend extends tf.KernelBackend {
  readonly host: WasmBackend;

  constructor(host: WasmBackend) {
    super();
    this.host = host;
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    return this.host.write(values, shape, dtype);
  }
  override move(
    id: tf.DataId,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refs: number,
  ): void {
    this.host.move(id, values, shape, dtype, refs);
  }
  override readSync(id: object): tf.BackendValues {
    if (active) throw active.refuseRead(captureStack());
    return this.host.readSync(id);
  }
  /** A refused read resolves to what is there: a rejected promise that nobody awaits would end the process. */
  override read(id: object): Promise<tf.BackendValues> {
    if (active) active.refuseRead(captureStack());
    return this.host.read(id);
  }
  override disposeData(id: tf.DataId, force?: boolean): boolean {
    return this.host.disposeData(id, force);
  }
  override refCount(id: tf.DataId): number {
    return this.host.refCount(id);
  }
  override incRef(id: tf.DataId): void {
    this.host.incRef(id);
  }
  override numDataIds(): number {
    return this.host.numDataIds();
  }
  override memory(): { unreliable: boolean } {
    return this.host.memory();
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return this.host.epsilon();
  }
  override timerAvailable(): boolean {
    return false;
  }
  /** The host stays: it belongs to whoever started it. */
  override dispose(): void {}
}

type Kernel = NonNullable<ReturnType<typeof tf.getKernel>>['kernelFunc'];
const wrapped = new Map<string, Kernel>();

function wrap(kernelName: string, kernelFunc: Kernel, host: WasmBackend): void {
  if (wrapped.get(kernelName) === kernelFunc) return;
  if (wrapped.has(kernelName)) tf.unregisterKernel(kernelName, recorderName);
  wrapped.set(kernelName, kernelFunc);
  tf.registerKernel({
    kernelName,
    backendName: recorderName,
    kernelFunc: ({ inputs, attrs }) => {
      const run = (active && standIns.get(kernelName)) || kernelFunc;
      let output: ReturnType<Kernel>;
      scratch!.active = active !== null;
      try {
        output = run({ inputs, attrs: attrs ?? {}, backend: host });
      } finally {
        scratch!.active = false;
      }
      active?.record(
        kernelName,
        inputs as Record<string, tf.TensorInfo>,
        attrs ?? {},
        output,
        callerLine(captureStack()),
      );
      return output;
    },
  });
}

/** Wraps what the WASM backend offers now; kernels registered since the last time are taken in. */
function wrapKernels(host: WasmBackend): void {
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend(hostName))
    wrap(kernelName, kernelFunc, host);
  for (const [kernelName, kernelFunc] of standIns)
    if (!tf.getKernel(kernelName, hostName)) wrap(kernelName, kernelFunc, host);
}

/** Starts the WASM backend if need be and makes the recorder ready. The current backend is left as it was. */
export async function prepareRecorder(): Promise<WasmBackend> {
  if (!tf.findBackend(hostName)) {
    const before = tf.engine().backendName;
    if (!(await tf.setBackend(hostName)))
      throw new AppError(
        'backend_unavailable',
        'The WASM backend, which traces are recorded on, did not start.',
      );
    if (before) await tf.setBackend(before);
  }
  const host = tf.findBackend(hostName) as WasmBackend;
  if (!tf.findBackendFactory(recorderName)) {
    scratch = new ScratchMemory(host.wasm);
    tf.registerBackend(recorderName, () => new RecordingBackend(host), 0);
    const before = tf.engine().backendName;
    await tf.setBackend(recorderName);
    await tf.setBackend(before);
  }
  wrapKernels(host);
  return host;
}

/** Runs `body` with the recorder as the current backend. Synchronous, so that nothing else runs meanwhile. */
export function withRecording<T>(recording: Recording, body: () => T): T {
  const before = tf.engine().backendName;
  const random = Math.random;
  void tf.setBackend(recorderName); // starts at once: the backend is there already
  active = recording;
  Math.random = () => {
    throw recording.refuseRandom(captureStack());
  };
  try {
    return body();
  } finally {
    Math.random = random;
    active = null;
    void tf.setBackend(before);
  }
}
