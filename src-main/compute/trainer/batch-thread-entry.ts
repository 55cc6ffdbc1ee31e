/**
 * The thread that prepares a run's batches: photographs are decoded, cut, blended and coded as JPEG here, away from the thread
 * that trains. It answers batches in the order in which they were asked for, one after the other, and photographs at once.
 */
import { parentPort, workerData, type TransferListItem } from 'node:worker_threads';
import { AppError } from '#contract/errors.ts';
import type { TrainingPhotographs } from '#engine/ports.ts';
import { TrainingBatches } from '#engine/training/training-batches.ts';
import type {
  Answer,
  BatchPlace,
  BatchThreadStart,
  FromBatchThread,
  Question,
  ToBatchThread,
} from './batch-messages.ts';
import { jpegCodec } from './jpeg-codec.ts';
import { PixelCache } from './pixel-cache.ts';
import { selectPhotographs } from './select-photographs.ts';

const port = parentPort!;
const { photographs, config, cacheMegabytes } = workerData as BatchThreadStart;
const send = (message: FromBatchThread, transfer: TransferListItem[] = []): void =>
  port.postMessage(message, transfer);

/** Buffers of every typed array in an answer. Those that are shared stay where they are. */
function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) buffersOf(part, found);
  return found;
}

let batches: TrainingBatches | null = null;
let closing = false;
/** Settles when the last batch that was asked for has been answered. */
let last: Promise<void> = Promise.resolve();

const batch = ({ kind, iteration, step }: BatchPlace): Promise<Answer> => batches![kind](iteration, step);

async function answer(id: number, work: () => Promise<Answer>): Promise<void> {
  if (closing) return;
  try {
    const made = await work();
    send({ type: 'answer', id, answer: made }, [...buffersOf(made)]);
  } catch (error) {
    send({ type: 'failure', id, error: AppError.from(error).toData() });
  }
}

function take(sources: TrainingPhotographs, id: number, question: Question): void {
  if (question.ask === 'photograph') void answer(id, () => sources.foreign.read(question.index));
  else last = last.then(() => answer(id, () => batch(question.place)));
}

function listen(sources: TrainingPhotographs): void {
  port.on('message', (message: ToBatchThread) => {
    switch (message.type) {
      case 'run':
        batches = new TrainingBatches(message.run, sources, jpegCodec);
        return;
      case 'question':
        return take(sources, message.id, message.question);
      case 'close':
        closing = true;
        void last.then(() => port.close());
    }
  });
}

try {
  const cache = new PixelCache(cacheMegabytes);
  const sources = await selectPhotographs(
    photographs,
    config,
    (level, code, message) => send({ type: 'log', level, code, message }),
    cache,
  );
  listen(sources);
  send({ type: 'ready', real: sources.real.count, foreign: sources.foreign.count });
} catch (error) {
  send({ type: 'refused', error: AppError.from(error).toData() });
}
