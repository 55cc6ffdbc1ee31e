/**
 * The parent's side of one process that decodes pictures, to judge them, take them in or show them: opens its model in it,
 * hands it pictures, and says of each how it ended. A picture that takes too long has the process killed; whatever ends the process
 * ends every picture in it.
 */
import { AppError } from '#contract/errors.ts';
import {
  fromJudge,
  toJudge,
  type ChangedPicture,
  type ChangesRequest,
  type DrawnImage,
  type DrawRequest,
  type ExamineRequest,
  type FactsRequest,
  type FromJudge,
  type JudgeRequest,
  type PaintRequest,
  type ToJudge,
  type ViewedPicture,
  type ViewRequest,
} from '#contract/judge-messages.ts';
import type { ModelPassport } from '#contract/model.ts';
import { causeOfEnd, tailOf } from '../child-end.ts';
import type { ChildExit, ChildProcess } from '../child-process.ts';
import type { ExaminedPhotograph } from '../decoding/examine-photograph.ts';
import type { MaskFileFacts, PictureFileFacts } from '../decoding/read-file-facts.ts';
import type { JudgedPicture } from './judge-picture.ts';
import type { JudgeLimits } from './judge-limits.ts';
import { memoryMark } from '../memory-mark.ts';

export interface JudgeOptions {
  signal?: AbortSignal;
  progress?: (done: number, total: number) => void;
}

/** The process ended while the picture was in it. */
export class JudgeEnded extends Error {
  readonly error: AppError;
  /** Whether it is certain that this picture ended it. */
  readonly certain: boolean;

  constructor(error: AppError, certain: boolean) {
    super(error.message);
    this.error = error;
    this.certain = certain;
  }
}

/** Without a passport where the process has no model. */
type Opened = { passport: ModelPassport | null; provider: string };
/** The model's file, or none; and where its fastest provider is remembered, which is the processor where absent. */
type JudgedWith = { path: string | null; name: string; providers?: string | null };
/** What is asked of a process about one picture. */
type Question =
  | { type: 'judge'; request: JudgeRequest }
  | { type: 'judge-changes'; request: ChangesRequest }
  | { type: 'examine'; request: ExamineRequest }
  | { type: 'read-facts'; request: FactsRequest }
  | { type: 'paint'; request: PaintRequest }
  | { type: 'draw'; request: DrawRequest }
  | { type: 'view'; request: ViewRequest };

interface Waiting {
  /** What errors call the picture. */
  name: string;
  options: JudgeOptions;
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
}

type Answer = Exclude<FromJudge, { type: 'opened' | 'refused' | 'stage' | 'progress' | 'failed' }>;

function answerOf(message: Answer): unknown {
  switch (message.type) {
    case 'judged':
      return message.judged;
    case 'changes-judged':
      return message.changed;
    case 'examined':
      return message.examined;
    case 'facts-read':
      return message.facts;
    case 'painted':
      return message.png;
    case 'drawn':
      return message.image;
    case 'viewed':
      return message.viewed;
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

export class JudgeProcess {
  readonly #process: ChildProcess;
  readonly #limits: JudgeLimits;
  readonly #output: () => string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #opened = Promise.withResolvers<Opened>();
  #openTimer: NodeJS.Timeout;
  #nextId = 0;
  /** The picture whose time was over. */
  #late: number | null = null;
  #openLate = false;
  /** It sent what does not fit the contract: whatever it read may have taken it over. */
  #garbled = false;
  #ended = false;

  /** @param model what it judges with; without a path, nothing */
  constructor(spawned: ChildProcess, model: JudgedWith, limits: JudgeLimits) {
    this.#process = spawned;
    this.#limits = limits;
    // Without a reader, a refused opening must not count as unhandled.
    this.#opened.promise.catch(() => undefined);
    this.#output = tailOf(spawned);
    spawned.onMessage((message) => this.#receive(message));
    void spawned.ended.then((exit) => this.#end(exit, model.name));
    this.#openTimer = setTimeout(() => {
      this.#openLate = true;
      spawned.kill();
    }, limits.openMs);
    const { path, name, providers = null } = model;
    this.#send({ type: 'open', model: path, name, providers, memoryLimit: limits.memory });
  }

  /** @throws AppError `model_invalid`, `file_not_found`, `backend_unavailable`, `judge_crashed` */
  get opened(): Promise<Opened> {
    return this.#opened.promise;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** @throws AppError of the picture; JudgeEnded where the process ended meanwhile */
  judge(request: JudgeRequest, options: JudgeOptions): Promise<JudgedPicture> {
    return this.#ask({ type: 'judge', request }, options) as Promise<JudgedPicture>;
  }

  /** Errors as of `judge`. */
  judgeChanges(request: ChangesRequest, options: JudgeOptions): Promise<ChangedPicture[]> {
    return this.#ask({ type: 'judge-changes', request }, options) as Promise<ChangedPicture[]>;
  }

  /** Of `facts` alone, the answer has neither a thumbnail nor a hash. Errors as of `judge`. */
  examine(request: ExamineRequest): Promise<ExaminedPhotograph> {
    return this.#ask({ type: 'examine', request }, {}) as Promise<ExaminedPhotograph>;
  }

  /** Of the kind of file that was asked for. Errors as of `judge`. */
  readFacts(request: FactsRequest): Promise<PictureFileFacts | MaskFileFacts> {
    return this.#ask({ type: 'read-facts', request }, {}) as Promise<PictureFileFacts | MaskFileFacts>;
  }

  /** The mask as PNG. Errors as of `judge`. */
  paint(request: PaintRequest): Promise<Uint8Array> {
    return this.#ask({ type: 'paint', request }, {}) as Promise<Uint8Array>;
  }

  /** Errors as of `judge`. */
  draw(request: DrawRequest): Promise<DrawnImage> {
    return this.#ask({ type: 'draw', request }, {}) as Promise<DrawnImage>;
  }

  /** Errors as of `judge`. */
  view(request: ViewRequest): Promise<ViewedPicture> {
    return this.#ask({ type: 'view', request }, {}) as Promise<ViewedPicture>;
  }

  /** Ends it at once; resolves when it has gone. */
  async close(): Promise<void> {
    this.#process.kill();
    await this.#process.ended;
  }

  #ask(question: Question, options: JudgeOptions): Promise<unknown> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (this.#ended) {
      const error = new AppError('judge_crashed', 'The process that judges pictures has ended.');
      return Promise.reject(new JudgeEnded(error, false));
    }
    this.#waiting.set(id, { name: question.request.name, options, resolve, reject, timer: undefined });
    const cancel = (): void => this.#send({ type: 'cancel', id });
    options.signal?.addEventListener('abort', cancel, { once: true });
    this.#send({ ...question, id });
    if (options.signal?.aborted) cancel();
    return promise.finally(() => options.signal?.removeEventListener('abort', cancel));
  }

  #send(message: ToJudge): void {
    this.#process.send(toJudge.parse(message));
  }

  #receive(raw: unknown): void {
    const parsed = fromJudge.safeParse(raw);
    if (!parsed.success) {
      this.#garbled = true;
      this.#process.kill();
    }
    if (!parsed.success || this.#garbled) return;
    const message = parsed.data;
    if (message.type === 'opened') {
      clearTimeout(this.#openTimer);
      return this.#opened.resolve({ passport: message.passport, provider: message.provider });
    }
    if (message.type === 'refused') {
      clearTimeout(this.#openTimer);
      return this.#opened.reject(AppError.fromData(message.error));
    }
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    if (message.type !== 'stage' && message.type !== 'progress') {
      this.#waiting.delete(message.id);
      if (message.type === 'failed') waiting.reject(AppError.fromData(message.error));
      else waiting.resolve(answerOf(message));
      return;
    }
    if (message.type === 'stage' && message.stage === 'waiting') return;
    waiting.timer = setTimeout(() => {
      this.#late ??= message.id;
      this.#process.kill();
    }, this.#limits.stallMs);
    if (message.type === 'progress') waiting.options.progress?.(message.done, message.total);
  }

  #end(exit: ChildExit, model: string): void {
    this.#ended = true;
    clearTimeout(this.#openTimer);
    const cause = this.#cause(exit);
    const memory = this.#output().includes(memoryMark);
    this.#opened.reject(
      this.#openLate || memory
        ? new AppError('model_invalid', `${model} cannot be used: the process that opened it ${cause}.`)
        : new AppError('judge_crashed', `The process that opened ${model} ${cause}.`),
    );
    const alone = this.#waiting.size === 1;
    for (const [id, { name, reject, timer }] of this.#waiting) {
      clearTimeout(timer);
      const late = id === this.#late;
      const code = late ? 'time_limit' : memory ? 'memory_limit' : 'judge_crashed';
      const error = new AppError(code, `${name}: the process that decoded it ${cause}.`);
      reject(new JudgeEnded(error, late || (alone && this.#late === null)));
    }
    this.#waiting.clear();
  }

  /** The predicate of a sentence: how the process ended. */
  #cause(exit: ChildExit): string {
    if (this.#openLate) return `was not ready after ${seconds(this.#limits.openMs)} and was ended`;
    if (this.#garbled) return 'sent what nobody can read, and was ended';
    if (this.#late !== null) return `made no progress in ${seconds(this.#limits.stallMs)} and was ended`;
    if (this.#output().includes(memoryMark))
      return `used more than the ${megabytes(this.#limits.memory)} of memory that it may, and was ended`;
    return causeOfEnd(exit, this.#output().trim());
  }
}
