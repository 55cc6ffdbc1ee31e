/**
 * The judging process: opens one model, then decodes and judges pictures. The next picture is decoded while one is judged;
 * how many are sent ahead is the parent's business. It may be killed at any time, since it keeps nothing. It ends with its
 * parent, and by itself when it uses more memory than it may.
 */
import { AppError } from '#contract/errors.ts';
import { toJudge, type FromJudge, type ToJudge } from '#contract/judge-messages.ts';
import { openDetector, type Detector } from '#inference/detector-session.ts';
import { openFastest } from './choose-provider.ts';
import type { JudgeOptions } from './judge-process.ts';
import { watchMemory } from '../watch-memory.ts';
import { keepHeapFlat } from './flat-memory.ts';
import { judgeChanges } from './judge-changes.ts';
import { decodePicture, judgePicture, type DecodedPicture } from './judge-picture.ts';

const send = (message: FromJudge): void => void process.send!(message, undefined, undefined, () => undefined);

let detector: Promise<Detector> | undefined;
/** Pictures are judged one after another. */
let turn: Promise<unknown> = Promise.resolve();
const running = new Map<number, AbortController>();
const pictureEnded = keepHeapFlat();

async function open({
  model,
  name,
  providers,
  memoryLimit,
}: Extract<ToJudge, { type: 'open' }>): Promise<Detector> {
  await watchMemory(memoryLimit);
  if (model === null) throw new AppError('model_missing', 'This process judges with a model.');
  return providers === null ? openDetector(model, { name }) : openFastest(model, { name, memory: providers });
}

/** Decodes the picture, works on it when its turn has come, and sends what `work` answers. */
async function answer(
  { id, request }: Extract<ToJudge, { type: 'judge' | 'judge-changes' }>,
  work: (opened: Detector, decoded: DecodedPicture, options: JudgeOptions) => Promise<FromJudge>,
): Promise<void> {
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
      return work(opened, decoded, { signal, progress });
    });
    turn = own.catch(() => undefined);
    send(await own);
  } catch (cause) {
    send({ type: 'failed', id, error: AppError.from(cause).toData() });
  } finally {
    running.delete(id);
    pictureEnded();
  }
}

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (raw) => {
  const message = toJudge.parse(raw);
  if (message.type === 'cancel') running.get(message.id)?.abort();
  else if (message.type === 'judge') {
    const { id, request } = message;
    void answer(message, async (opened, decoded, options) => {
      const judged = await judgePicture(opened, decoded, { ...options, depth: request.depth });
      return { type: 'judged', id, judged: { ...judged } };
    });
  } else if (message.type === 'judge-changes') {
    const { id, request } = message;
    void answer(message, async (opened, decoded, options) => ({
      ...{ type: 'changes-judged', id },
      changed: await judgeChanges(opened, decoded, request.changes, options),
    }));
  } else if (message.type === 'open') {
    detector = open(message);
    detector.then(
      ({ passport, provider }) => send({ type: 'opened', passport, provider }),
      (cause: unknown) => send({ type: 'refused', error: AppError.from(cause).toData() }),
    );
  }
});
