/**
 * The process that decodes originals to show them, and cuts them into tiles. What it keeps is only to be faster: it may be
 * killed at any time. It ends with its parent, and by itself when it uses more memory than it may.
 */
import { AppError } from '#contract/errors.ts';
import { toJudge, type FromJudge, type ToJudge } from '#contract/judge-messages.ts';
import { watchMemory } from '../watch-memory.ts';
import { cutTile, OpenPictures } from './open-pictures.ts';

const send = (message: FromJudge): void => void process.send!(message, undefined, undefined, () => undefined);
/** Nothing is decoded before the memory is watched. */
let watched: Promise<void> = Promise.resolve();
let memoryLimit = Infinity;
let keep = 0;
// As much again is needed while a picture is decoded.
const pictures = new OpenPictures(() => Math.min(keep, memoryLimit / 2));

async function view({ id, request }: Extract<ToJudge, { type: 'view' }>): Promise<void> {
  const { level, tile, ...original } = request;
  keep = request.keep;
  try {
    await watched;
    send({ type: 'stage', id, stage: 'judging' });
    const found = await pictures.level(original, level);
    const png = found && tile ? await cutTile(found.image, tile) : null;
    send({ type: 'viewed', id, viewed: { pixels: found?.pixels ?? null, png, kept: pictures.keptBytes } });
  } catch (cause) {
    send({ type: 'failed', id, error: AppError.from(cause).toData() });
  }
}

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (raw) => {
  const message = toJudge.parse(raw);
  if (message.type === 'view') void view(message);
  else if (message.type === 'open') {
    memoryLimit = message.memoryLimit;
    watched = watchMemory(memoryLimit);
    void watched.then(() => send({ type: 'opened', passport: null, provider: '' }));
  }
});
