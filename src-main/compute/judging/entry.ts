/**
 * The judging process: opens one model, then decodes and judges pictures. The next picture is decoded while one is judged;
 * how many are sent ahead is the parent's business. It may be killed at any time, since it keeps nothing. It ends with its
 * parent, and by itself when it uses more memory than it may.
 */
import { AppError } from '#contract/errors.ts';
import { toJudge, type FromJudge, type ToJudge } from '#contract/judge-messages.ts';
import { openDetector, type Detector } from '#inference/detector-session.ts';
import { watchMemory } from '../watch-memory.ts';
import { decodePicture, judgePicture } from './judge-picture.ts';

const send = (message: FromJudge): void => void process.send!(message, undefined, undefined, () => undefined);

let detector: Promise<Detector> | undefined;
/** Pictures are judged one after another. */
let turn: Promise<unknown> = Promise.resolve();
const running = new Map<number, AbortController>();

async function open({ model, name, memoryLimit }: Extract<ToJudge, { type: 'open' }>): Promise<Detector> {
  await watchMemory(memoryLimit);
  return openDetector(model, { name });
}

async function judge({ id, request }: Extract<ToJudge, { type: 'judge' }>): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  running.set(id, controller);
  try {
    const opened = await detector!;
    send({ type: 'stage', id, stage: 'judging' });
    const decoded = await decodePicture(request, opened.passport.tileSize);
    send({ type: 'stage', id, stage: 'waiting' });
    const before = turn;
    const own = before.then(() => {
      send({ type: 'stage', id, stage: 'judging' });
      const progress = (done: number, total: number) => send({ type: 'progress', id, done, total });
      return judgePicture(opened, decoded, { depth: request.depth, signal, progress });
    });
    turn = own.catch(() => undefined);
    send({ type: 'judged', id, judged: { ...(await own) } });
  } catch (cause) {
    send({ type: 'failed', id, error: AppError.from(cause).toData() });
  } finally {
    running.delete(id);
  }
}

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (raw) => {
  const message = toJudge.parse(raw);
  if (message.type === 'cancel') running.get(message.id)?.abort();
  else if (message.type === 'judge') void judge(message);
  else {
    detector = open(message);
    detector.then(
      ({ passport, provider }) => send({ type: 'opened', passport, provider }),
      (cause: unknown) => send({ type: 'refused', error: AppError.from(cause).toData() }),
    );
  }
});
