/** What the processes that decode pictures, to judge them, take them in or show them, are told, and what they answer. */
import { z } from 'zod';
import { sha256 } from './common.ts';
import { maskStroke } from './dataset.ts';
import { errorData } from './errors.ts';
import { writtenPassport } from './model.ts';
import { pictureChange } from './stability.ts';

const number = z.number().int().nonnegative();
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

export const judgeRequest = z.object({
  /** The file whose bytes are judged. */
  file: z.string(),
  /** What errors call it. */
  name: z.string(),
  maximumPixels: z.number().int().positive().optional(),
  /** `full`: blended maps and a preview, as files. `score`: neither, and a quarter of the work. */
  depth: z.enum(['full', 'score']),
  /** The picture's true mask, where the map is to be compared with it. */
  mask: z.string().optional(),
});
export type JudgeRequest = z.infer<typeof judgeRequest>;

/** A picture that is judged anew after each of these changes; its other files are not made. */
export const changesRequest = judgeRequest
  .omit({ depth: true, mask: true })
  .extend({ changes: z.array(pictureChange) });
export type ChangesRequest = z.infer<typeof changesRequest>;
export const examineRequest = judgeRequest.omit({ depth: true, mask: true }).extend({
  minimumSide: z.number().int().positive().optional(),
  /** `facts`: what the head of the file says. `whole`: all its data are read, for a thumbnail and a perceptual hash. */
  depth: z.enum(['facts', 'whole']),
});
export type ExamineRequest = z.infer<typeof examineRequest>;
/** What a picture's file or a mask's is, apart from what it shows. */
export const factsRequest = judgeRequest
  .pick({ file: true, name: true, maximumPixels: true })
  .extend({ of: z.enum(['picture', 'mask']) });
export type FactsRequest = z.infer<typeof factsRequest>;
/** The mask of a picture of that size, with strokes over it. */
export const paintRequest = judgeRequest.pick({ name: true }).extend({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** The mask that is there; null for none. */
  file: z.string().nullable(),
  strokes: z.array(maskStroke),
});
export type PaintRequest = z.infer<typeof paintRequest>;
/** A stored file, as the image of a report. */
export const drawRequest = judgeRequest.pick({ name: true }).extend({
  bytes,
  as: z.discriminatedUnion('kind', [
    /** At most `side` pixels a side. */
    z.object({ kind: z.literal('photograph'), side: z.number().positive() }),
    /** As contract/media.ts has it; the colours stand for the values between `from` and `to`. */
    z.object({
      kind: z.literal('map'),
      side: z.number().positive(),
      bits: z.union([z.literal(8), z.literal(16)]),
      min: z.number(),
      max: z.number(),
      from: z.number(),
      to: z.number(),
    }),
  ]),
});
export type DrawRequest = z.infer<typeof drawRequest>;
/** `src` is a `data:` address. */
export const drawnImage = z.object({ src: z.string(), width: z.number(), height: z.number() });
export type DrawnImage = z.infer<typeof drawnImage>;
/** A tile of an original; contract/media.ts says what levels are. */
export const viewRequest = judgeRequest.pick({ file: true, name: true }).extend({
  sha256,
  level: number,
  /** Which of the level's tiles; null where the level is only to be made ready. */
  tile: z.object({ x: number, y: number }).nullable(),
  /** Bytes of decoded pictures that may be kept. */
  keep: z.number().nonnegative(),
});
export type ViewRequest = z.infer<typeof viewRequest>;

export const toJudge = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('open'),
    /** Path of the ONNX file; null where none is judged with. */
    model: z.string().nullable(),
    /** What errors call it. */
    name: z.string(),
    /** The file in which the fastest provider is remembered; null: the processor, and nothing is tried. */
    providers: z.string().nullable(),
    /** Bytes of memory after which the process ends itself. */
    memoryLimit: z.number().positive(),
  }),
  z.object({ type: z.literal('judge'), id: number, request: judgeRequest }),
  z.object({ type: z.literal('judge-changes'), id: number, request: changesRequest }),
  z.object({ type: z.literal('examine'), id: number, request: examineRequest }),
  z.object({ type: z.literal('read-facts'), id: number, request: factsRequest }),
  z.object({ type: z.literal('paint'), id: number, request: paintRequest }),
  z.object({ type: z.literal('draw'), id: number, request: drawRequest }),
  z.object({ type: z.literal('view'), id: number, request: viewRequest }),
  z.object({ type: z.literal('cancel'), id: number }),
]);
export type ToJudge = z.infer<typeof toJudge>;

const size = z.object({ width: z.number().int().positive(), height: z.number().int().positive() });
/** A map as a grey PNG; contract/media.ts says what its values stand for. */
const encodedMap = size.extend({
  png: bytes,
  bits: z.union([z.literal(8), z.literal(16)]),
  min: z.number(),
  max: z.number(),
  unit: z.string(),
});
export type EncodedMap = z.infer<typeof encodedMap>;

/** The files that are made for a verdict. */
export const judgedMedia = z.object({
  covers: size,
  simulation: encodedMap,
  kernels: z.array(encodedMap),
  localSpectrum: encodedMap,
  blockSpectrum: encodedMap.nullable(),
  globalSpectrum: encodedMap,
  tileScores: encodedMap,
  /** PNG */
  preview: bytes,
});
export type JudgedMedia = z.infer<typeof judgedMedia>;

/** What is said of a picture after a change. */
export const changedPicture = z.object({
  change: pictureChange,
  /** As a file of it would be: a JPEG was saved again at its own quality after any other change. */
  picture: size.extend({ format: z.string(), quality: z.number().nullable(), grey: z.boolean() }),
  /** Null where it cannot be judged. */
  judged: z.object({ score: z.number(), tiles: number, features: z.array(z.number()) }).nullable(),
  /** Why it cannot; empty otherwise. */
  reason: z.string(),
});
export type ChangedPicture = z.infer<typeof changedPicture>;

/** What became of judging a picture anew after every change that stability is weighed by. */
export const stabilityLook = z.object({
  /** Empty where they could not be judged. */
  changed: z.array(changedPicture),
  /** Why they could not; empty otherwise. */
  problem: z.string(),
  ms: z.number().nonnegative(),
});
export type StabilityLook = z.infer<typeof stabilityLook>;

export const viewedPicture = z.object({
  /** Of the whole picture; null where it has no such level. */
  pixels: number.nullable(),
  /** The tile as PNG; null where none was asked for, or there is none. */
  png: bytes.nullable(),
  /** Bytes of decoded pictures that the process keeps. */
  kept: number,
});
export type ViewedPicture = z.infer<typeof viewedPicture>;

/** Where the judgement of a picture is. A picture that waits for the one before it does not use up its time. */
export const judgeStage = z.enum(['waiting', 'judging']);

export const fromJudge = z.discriminatedUnion('type', [
  z.object({ type: z.literal('opened'), passport: writtenPassport.nullable(), provider: z.string() }),
  /** The model cannot be opened. */
  z.object({ type: z.literal('refused'), error: errorData }),
  z.object({ type: z.literal('stage'), id: number, stage: judgeStage }),
  z.object({ type: z.literal('progress'), id: number, done: z.number(), total: z.number() }),
  z.object({
    type: z.literal('judged'),
    id: number,
    /** Of compute/judging/judge-picture.ts, which both ends share. */
    judged: z.looseObject({ media: judgedMedia.nullable() }),
  }),
  z.object({ type: z.literal('changes-judged'), id: number, changed: z.array(changedPicture) }),
  z.object({
    type: z.literal('examined'),
    id: number,
    /** Of compute/decoding/examine-photograph.ts; of facts alone, without a thumbnail. */
    examined: z.looseObject({ thumbnail: bytes.optional() }),
  }),
  /** Of compute/decoding/read-file-facts.ts. */
  z.object({ type: z.literal('facts-read'), id: number, facts: z.looseObject({}) }),
  /** The mask as PNG. */
  z.object({ type: z.literal('painted'), id: number, png: bytes }),
  z.object({ type: z.literal('drawn'), id: number, image: drawnImage }),
  z.object({ type: z.literal('viewed'), id: number, viewed: viewedPicture }),
  z.object({ type: z.literal('failed'), id: number, error: errorData }),
]);
export type FromJudge = z.infer<typeof fromJudge>;
