/**
 * Carries a run's pictures over a Redis queue (BullMQ) to workers on other machines. The workspace stays the only record:
 * an item goes into the queue under its own id, so that it is there once however often the run is taken up again, and what a
 * worker answered stays in the queue until the workspace has it. An item whose worker is lost goes to another one.
 *
 * Pictures do not travel: the queue holds paths in folders that all machines see, and SHA-256 of what lies there.
 */
import type { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { AppError } from '#contract/errors.ts';
import {
  queuedOutcome,
  type MeasuredPicture,
  type QueueNotice,
  type QueuedPicture,
} from '#contract/triage-queue.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import { hashFile } from '#storage/hash-file.ts';
import type { ModelPassport } from '#contract/model.ts';
import type { StabilityWhen } from '#contract/stability.ts';
import type { OpenCarrier, TriageCarrier } from '../carrier.ts';
import { connect, noticePrefix, prefix, queueName, unreachable } from './queue-connection.ts';

/** How often what is under way is looked at, should an event have been missed; also renews the notice. */
const lookMs = 5000;
const noticeSeconds = 30;
/** A server that is away for longer ends the run, which can be taken up again. */
const defaultPatienceMs = 30_000;
/** Answers that nobody fetches are removed after a week. */
const keep = { age: 7 * 24 * 3600 };

export interface QueueRequest {
  address: string;
  /** Of this program. */
  version: string;
  patienceMs?: number;
}
interface Expected {
  item: { id: string; path: string };
  sha256: string;
  answer: PromiseWithResolvers<MeasuredPicture>;
}

/** Opens the queue at `address`; the run is told of there until the carrier is closed. */
export const openRedisCarrier =
  ({ address, version, patienceMs = defaultPatienceMs }: QueueRequest): OpenCarrier =>
  async ({ run, model, stability, judging }) => {
    // The passport only: the workers open the model for themselves.
    const judge = await judging.open(model);
    const { passport } = judge;
    await judge.close();
    const client = await connect(address);
    const { Queue: QueueOf, QueueEvents: EventsOf } = await import('bullmq');
    const options = { connection: client, prefix };
    const queue = new QueueOf<QueuedPicture>(queueName(model.sha256, version), options);
    const events = new EventsOf(queue.name, options);
    // The connection tells of its failures through the commands that fail.
    queue.on('error', () => undefined);
    events.on('error', () => undefined);
    const notice = { key: `${noticePrefix}${run}`, value: { model: model.sha256, version } };
    const server = { address, patienceMs, client, queue, events };
    const carrier = new RedisCarrier({ ...server, passport, stability, notice });
    try {
      await carrier.begin();
      return carrier;
    } catch (cause) {
      await carrier.close();
      throw unreachable(address, cause);
    }
  };

class RedisCarrier implements TriageCarrier {
  readonly ahead = 64;
  readonly passport: ModelPassport;
  readonly #stability: StabilityWhen;
  readonly #address: string;
  readonly #patienceMs: number;
  readonly #client: Redis;
  readonly #queue: Queue<QueuedPicture>;
  readonly #events: QueueEvents;
  readonly #notice: { key: string; value: QueueNotice };
  readonly #expected = new Map<string, Expected>();
  #timer: NodeJS.Timeout | undefined;
  #awaySince: number | null = null;
  /** Rejected when the server has been away for too long: commands would wait for it for ever. */
  readonly #lost = Promise.withResolvers<never>();

  constructor(parts: {
    address: string;
    patienceMs: number;
    passport: ModelPassport;
    stability: StabilityWhen;
    client: Redis;
    queue: Queue<QueuedPicture>;
    events: QueueEvents;
    notice: { key: string; value: QueueNotice };
  }) {
    this.passport = parts.passport;
    this.#stability = parts.stability;
    this.#address = parts.address;
    this.#patienceMs = parts.patienceMs;
    this.#client = parts.client;
    this.#queue = parts.queue;
    this.#lost.promise.catch(() => undefined);
    this.#events = parts.events;
    this.#notice = parts.notice;
  }

  async begin(): Promise<void> {
    this.#events.on('completed', ({ jobId }) => void this.#look(jobId));
    this.#events.on('failed', ({ jobId }) => void this.#look(jobId));
    await this.#events.waitUntilReady();
    await this.#announce();
    this.#timer = setInterval(() => void this.#check(), lookMs);
  }

  /** Errors: those of the picture as its worker had them; `evidence_changed`, `judge_crashed`, `queue_unreachable`. */
  measure(item: { id: string; path: string }, signal: AbortSignal): Promise<MeasuredPicture> {
    return Promise.race([this.#measure(item, signal), this.#lost.promise]);
  }

  async #measure(item: { id: string; path: string }, signal: AbortSignal): Promise<MeasuredPicture> {
    const sha256 = await hashFile(item.path, { signal });
    const answer = Promise.withResolvers<MeasuredPicture>();
    // It may be refused before anybody waits for it.
    answer.promise.catch(() => undefined);
    const expected = { item, sha256, answer };
    const stop = (): void => answer.reject(new AppError('cancelled', 'The triage was stopped.'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await this.#forget(item.id, sha256);
      await this.#put(expected);
      this.#expected.set(item.id, expected);
      // What a worker answered while nobody listened is there already.
      void this.#look(item.id);
      return await answer.promise;
    } catch (cause) {
      const error = cause instanceof AppError ? cause : unreachable(this.#address, cause);
      // What no worker has begun would be judged in vain.
      if (error.code === 'cancelled') await this.settled(item.id);
      throw error;
    } finally {
      this.#expected.delete(item.id);
      signal.removeEventListener('abort', stop);
    }
  }

  async settled(id: string): Promise<void> {
    // What a worker holds just then stays, with its answer.
    const removed = this.#queue.remove(id);
    await Promise.race([removed, this.#lost.promise]).catch(() => undefined);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const ended = async (): Promise<void> => {
      await this.#client.del(this.#notice.key);
      await Promise.all([this.#events.close(), this.#queue.close()]);
    };
    if (this.#client.status === 'ready')
      await Promise.race([ended(), this.#lost.promise]).catch(() => undefined);
    // A lost server is not waited for.
    else void Promise.allSettled([this.#events.disconnect(), this.#queue.disconnect()]);
    this.#client.disconnect();
  }

  /** A queue keeps what became of an item in an earlier attempt; of other bytes, or where it failed, that counts no more. */
  async #forget(id: string, sha256: string): Promise<void> {
    const before = await this.#queue.getJob(id);
    if (before && ((await before.isFailed()) || before.data.sha256 !== sha256)) await this.settled(id);
  }

  async #put({ item: { id, path }, sha256 }: Expected): Promise<void> {
    const data = { path, sha256, stability: this.#stability } satisfies QueuedPicture;
    // Attempts are those of workers that are at fault themselves.
    const options = { jobId: id, attempts: 3, removeOnComplete: keep, removeOnFail: keep };
    await this.#queue.add('picture', data, options);
  }

  async #announce(): Promise<void> {
    const { key, value } = this.#notice;
    await this.#client.set(key, JSON.stringify(value), 'EX', noticeSeconds);
  }

  async #look(id: string): Promise<void> {
    const expected = this.#expected.get(id);
    if (!expected) return;
    try {
      const job = await this.#queue.getJob(id);
      // Another look may have found the answer meanwhile, and the item may be gone for good.
      if (this.#expected.get(id) !== expected) return;
      if (!job) await this.#put(expected);
      else if (await job.isFailed()) expected.answer.reject(lost(expected, job.failedReason));
      else if (job.finishedOn !== undefined) expected.answer.resolve(answerOf(expected, job.returnvalue));
    } catch (cause) {
      expected.answer.reject(cause instanceof AppError ? cause : unreachable(this.#address, cause));
    }
  }

  async #check(): Promise<void> {
    if (this.#client.status === 'ready') {
      this.#awaySince = null;
      for (const id of this.#expected.keys()) void this.#look(id);
      return this.#announce().catch(() => undefined);
    }
    this.#awaySince ??= Date.now();
    if (Date.now() - this.#awaySince < this.#patienceMs) return;
    this.#lost.reject(unreachable(this.#address, new Error('the connection was lost')));
  }
}

const lost = ({ item }: Expected, reason: string | undefined): AppError =>
  new AppError(
    'judge_crashed',
    `No worker could judge ${shownPath(item.path)}: ${reason ?? 'no reason given'}.`,
  );

function answerOf({ item, sha256 }: Expected, value: unknown): MeasuredPicture {
  const { success, data: outcome } = queuedOutcome.safeParse(value);
  if (!success)
    throw new AppError('judge_crashed', `What a worker answered on ${shownPath(item.path)} is no answer.`);
  if (outcome.kind === 'failed') throw AppError.fromData(outcome.error);
  if (outcome.measured.sha256 === sha256) return outcome.measured;
  throw new AppError('evidence_changed', `A worker judged other bytes than lie at ${shownPath(item.path)}.`);
}
