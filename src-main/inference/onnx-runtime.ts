/**
 * ONNX Runtime, and the only place that loads it (lint sees to it). From version 1.30 on it reports its use to its maker
 * unless told otherwise, on Linux with files in ~/.cache/Microsoft; it asks the environment when it opens its first session.
 */
import { AppError } from '#contract/errors.ts';

export type Ort = typeof import('onnxruntime-node');

/**
 * Lazily, because the library is a native one and may be absent or damaged. For a process' main thread: the environment of
 * another one is a copy that native code does not see.
 * @throws AppError `backend_unavailable`
 */
export async function loadOnnxRuntime(): Promise<Ort> {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  try {
    const loaded = await import('onnxruntime-node');
    return ('default' in loaded ? loaded.default : loaded) as Ort;
  } catch (cause) {
    throw new AppError('backend_unavailable', 'ONNX Runtime could not be loaded.', { cause });
  }
}
