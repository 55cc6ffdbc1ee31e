/**
 * A worker: takes pictures of a queue that other machines fill, judges them in a process that can be killed, and answers. It
 * has no workspace and keeps nothing; a worker that is lost in the middle of a picture leaves it to the next one, after the
 * lease. Errors of a picture are answers; what is wrong with the worker itself ends it, and gives the picture back.
 */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { AppError } from '#contract/errors.ts';
import {
  queuedPicture,
  queueNotice,
  type QueuedOutcome,
  type QueuedPicture,
} from '#contract/triage-queue.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import { createJudgeHost, type Judge } from '#compute/judging/judge-host.ts';
import { hashFile } from '#storage/hash-file.ts';
import { measurePicture } from '../measure-picture.ts';
import { connect, noticePrefix, prefix, queueName, unreachable } from './queue-connection.ts';
import { seenHere, type SharedFolder } from './shared-folders.ts';

export interface WorkerRequest {
  address: string;
  /** ONNX file. */
  model: string;
  folders: readonly SharedFolder[];
  /** Stands beside each result. */
  name: string;
  /** Of this program. */
  version: string;
  /** How long a picture is left to a worker that says nothing. */
  leaseSeconds: number;
}
export interface WorkerOptions {
  /** Aborted: the pictures under way are ended, and no other is taken. */
  signal: AbortSignal;
  /** Told when it begins to take pictures, with the SHA-256 of its model. */
  ready: (model: string) => void;
  /** Told of every picture that it begins with. */
  taken: (file: string) => void;
  /** Told of every picture that it has answered. */
  answered: (file: string, outcome: QueuedOutcome) => void;
}

/** Faults of the worker, not of the picture. */
const ownFaults = new Set(['queue_folder', 'model_invalid', 'backend_unavailable', 'disk_full', 'cancelled']);

/**
 * Works until `signal` is aborted.
 * @throws AppError `queue_unreachable`, `queue_mismatch`, `queue_folder`; those of opening the model
 */
export async function runWorker(request: WorkerRequest, options: WorkerOptions): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pentimento-worker-'));
  try {
    // A copy, so that what is judged with is what was hashed.
    const model = path.join(folder, 'model.onnx');
    await copyFile(request.model, model).catch((cause: unknown) => {
      throw AppError.from(cause);
    });
    const sha256 = await hashFile(model);
    const client = await connect(request.address);
    try {
      await refuseMismatch(client, { model: sha256, version: request.version });
      // The fastest provider that agrees with the processor, tried anew by every worker.
      const judge = await createJudgeHost({ providers: path.join(folder, 'providers.json') }).open({
        path: model,
        name: path.basename(request.model),
      });
      try {
        await serve(client, { judge, sha256, request, options });
      } finally {
        await judge.close();
      }
    } finally {
      client.disconnect();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws AppError `queue_mismatch` where runs are under way and none of them can be served */
async function refuseMismatch(client: Redis, own: { model: string; version: string }): Promise<void> {
  const keys: string[] = [];
  for (let cursor = '0', first = true; first || cursor !== '0'; first = false) {
    const [next, found] = await client.scan(cursor, 'MATCH', `${noticePrefix}*`, 'COUNT', 100);
    cursor = next;
    keys.push(...found);
  }
  const texts = keys.length > 0 ? await client.mget(keys) : [];
  const notices = texts.flatMap((text) => (text === null ? [] : [queueNotice.parse(JSON.parse(text))]));
  if (notices.length === 0) return;
  if (notices.some(({ model, version }) => model === own.model && version === own.version)) return;
  const wanted = notices.map(({ model, version }) => `model ${model} with version ${version}`).join(', or ');
  throw new AppError(
    'queue_mismatch',
    `The queue wants ${wanted}; this worker has model ${own.model} with version ${own.version}.`,
  );
}

async function serve(
  client: Redis,
  parts: { judge: Judge; sha256: string; request: WorkerRequest; options: WorkerOptions },
): Promise<void> {
  const { judge, sha256, request, options } = parts;
  const { Worker: WorkerOf } = await import('bullmq');
  const ended = Promise.withResolvers<void>();
  const worker: Worker<unknown, QueuedOutcome> = new WorkerOf<unknown, QueuedOutcome>(
    queueName(sha256, request.version),
    async ({ data }) => {
      try {
        const queued = queuedPicture.parse(data);
        options.taken(queued.path);
        return await outcomeOf(judge, queued, request);
      } catch (cause) {
        ended.reject(cause);
        throw cause;
      }
    },
    {
      ...{ connection: client, prefix },
      // One picture is judged while the next is decoded.
      concurrency: 2,
      lockDuration: request.leaseSeconds * 1000,
      stalledInterval: (request.leaseSeconds * 1000) / 2,
      maxStalledCount: 2,
    },
  );
  // The connection mends itself; a lost lease means that another worker has the picture.
  worker.on('error', () => undefined);
  worker.on('completed', ({ data }, outcome) => options.answered(queuedPicture.parse(data).path, outcome));
  const stop = (): void => ended.resolve();
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    await worker.waitUntilReady().catch((cause: unknown) => {
      throw unreachable(request.address, cause);
    });
    options.ready(sha256);
    if (options.signal.aborted) stop();
    await ended.promise;
  } finally {
    options.signal.removeEventListener('abort', stop);
    // Without the server nothing can be answered any more.
    await worker.close(client.status !== 'ready');
  }
}

/** @throws AppError of `ownFaults` */
async function outcomeOf(
  judge: Judge,
  { path: file, sha256, stability }: QueuedPicture,
  request: WorkerRequest,
): Promise<QueuedOutcome> {
  try {
    const seen = await seenHere(file, request.folders);
    // What it has begun it ends: whoever stops a worker at once ends the program.
    const { signal } = new AbortController();
    const measured = await measurePicture(judge, seen, { signal, stability, name: file });
    if (measured.sha256 !== sha256)
      throw new AppError(
        'evidence_changed',
        `The worker ${request.name} sees other bytes at ${shownPath(seen)} than those that were put into the queue.`,
        { hint: 'See that all machines share the same folder, then judge it again.' },
      );
    return {
      kind: 'measured',
      measured: { ...measured, provider: `${measured.provider} on ${request.name}` },
    };
  } catch (cause) {
    const error = AppError.from(cause);
    if (ownFaults.has(error.code)) throw error;
    return { kind: 'failed', error: error.toData() };
  }
}
