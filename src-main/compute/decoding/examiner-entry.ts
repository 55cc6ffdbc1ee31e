/**
 * The process that decodes pictures at their intake, reads what their files are, paints over their masks, and draws stored files for reports:
 * several at once, as many as it is sent. It may be killed at any time,
 * since it keeps nothing. It ends with its parent, and by itself when it uses more memory than it may.
 */
import { AppError } from '#contract/errors.ts';
import { toJudge, type FromJudge, type ToJudge } from '#contract/judge-messages.ts';
import { watchMemory } from '../watch-memory.ts';
import { decodeError, defaultMaximumPixels, probePhotograph } from './decode-photograph.ts';
import { drawImage } from './draw-image.ts';
import { examinePhotograph } from './examine-photograph.ts';
import { paintMask } from './paint-mask.ts';
import { readMaskFileFacts, readPictureFileFacts } from './read-file-facts.ts';

const send = (message: FromJudge): void => void process.send!(message, undefined, undefined, () => undefined);
/** Nothing is decoded before the memory is watched. */
let watched: Promise<void> = Promise.resolve();

async function examine({ id, request }: Extract<ToJudge, { type: 'examine' }>): Promise<void> {
  const { file, depth, name, minimumSide, maximumPixels } = request;
  const limits = {
    name,
    ...(minimumSide === undefined ? {} : { minimumSide }),
    ...(maximumPixels === undefined ? {} : { maximumPixels }),
  };
  try {
    await watched;
    send({ type: 'stage', id, stage: 'judging' });
    const examined = await (depth === 'whole'
      ? examinePhotograph(file, limits)
      : probePhotograph(file, limits));
    send({ type: 'examined', id, examined: { ...examined } });
  } catch (cause) {
    send({ type: 'failed', id, error: AppError.from(cause).toData() });
  }
}

async function readFacts({ id, request }: Extract<ToJudge, { type: 'read-facts' }>): Promise<void> {
  const { file, name, of, maximumPixels = defaultMaximumPixels } = request;
  try {
    await watched;
    send({ type: 'stage', id, stage: 'judging' });
    const facts =
      of === 'mask' ? await readMaskFileFacts(file, maximumPixels) : await readPictureFileFacts(file);
    send({ type: 'facts-read', id, facts });
  } catch (cause) {
    send({ type: 'failed', id, error: decodeError(cause, name).toData() });
  }
}

async function paint({ id, request }: Extract<ToJudge, { type: 'paint' }>): Promise<void> {
  const { file, name, strokes, ...size } = request;
  try {
    await watched;
    send({ type: 'stage', id, stage: 'judging' });
    send({ type: 'painted', id, png: await paintMask(size, file, strokes) });
  } catch (cause) {
    send({ type: 'failed', id, error: decodeError(cause, name).toData() });
  }
}

async function draw({ id, request }: Extract<ToJudge, { type: 'draw' }>): Promise<void> {
  try {
    await watched;
    send({ type: 'stage', id, stage: 'judging' });
    send({ type: 'drawn', id, image: await drawImage(request.bytes, request.as) });
  } catch (cause) {
    send({ type: 'failed', id, error: decodeError(cause, request.name).toData() });
  }
}

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (raw) => {
  const message = toJudge.parse(raw);
  if (message.type === 'examine') void examine(message);
  else if (message.type === 'read-facts') void readFacts(message);
  else if (message.type === 'paint') void paint(message);
  else if (message.type === 'draw') void draw(message);
  else if (message.type === 'open') {
    watched = watchMemory(message.memoryLimit);
    void watched.then(() => send({ type: 'opened', passport: null, provider: '' }));
  }
});
