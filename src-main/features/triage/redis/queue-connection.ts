/**
 * The Redis server that carries triage between machines. BullMQ and its client are loaded here and nowhere else, and only
 * when a person has named a server: nothing else in the program opens a connection.
 */
import type { Redis } from 'ioredis';
import { AppError } from '#contract/errors.ts';

/** Before all keys of the program in the server. */
export const prefix = 'pentimento';
/** Keys that tell of runs under way; their last part is the run's id. */
export const noticePrefix = `${prefix}:triage-run:`;

/** One model, and one version of the program, has a queue of its own: a worker with another never meets its pictures. */
export const queueName = (model: string, version: string): string => `triage-${version}-${model}`;

/** The address as it may be shown and written down: without its user and password. */
export function shownAddress(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}

/** @throws AppError `invalid_input` where it is no address of a Redis server */
export function checkAddress(address: string): string {
  const url = URL.parse(address);
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '')
    throw new AppError('invalid_input', 'The queue must be an address like redis://host:6379/0.');
  if (!/^\/?\d*$/.test(url.pathname))
    throw new AppError(
      'invalid_input',
      'After the host, the address of the queue may name the number of a database only.',
    );
  return address;
}

/**
 * A connection; whoever is given it disconnects it. It mends itself: where the server is lost later, commands wait for it,
 * and fail once the connection is ended.
 * @throws AppError `queue_unreachable`
 */
export async function connect(address: string): Promise<Redis> {
  const { Redis: Client } = await import('ioredis');
  const client = new Client(checkAddress(address), {
    lazyConnect: true,
    connectTimeout: 10_000,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(200 * attempt, 2000),
  });
  let last: unknown;
  client.on('error', (error) => (last = error));
  try {
    await client.connect();
    await client.ping();
    return client;
  } catch (cause) {
    client.disconnect();
    throw unreachable(address, last ?? cause);
  }
}

export function unreachable(address: string, cause: unknown): AppError {
  const reason =
    cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause);
  return new AppError('queue_unreachable', `Redis at ${shownAddress(address)} cannot be used: ${reason}.`, {
    cause,
  });
}
