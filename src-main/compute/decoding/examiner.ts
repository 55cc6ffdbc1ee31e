/**
 * Decoding pictures at their intake, reading what their files are, painting over their masks, and drawing
 * stored files for reports, in a process that can be killed: whatever a file does to its decoder, the program and the
 * other pictures go on. The process starts with the first picture, and rests when none has come for a while.
 */
import type { MaskStroke } from '#contract/dataset.ts';
import type { DrawnImage, DrawRequest, ExamineRequest } from '#contract/judge-messages.ts';
import { forkChild, type SpawnChild } from '../child-process.ts';
import { examinerEntry } from '../entry-scripts.ts';
import { defaultJudgeLimits, type JudgeLimits } from '../judging/judge-limits.ts';
import { JudgeProcess } from '../judging/judge-process.ts';
import { RestartedProcess } from '../judging/restarted-process.ts';
import type { DecodeLimits, PhotographFacts } from './decode-photograph.ts';
import type { ExaminedPhotograph } from './examine-photograph.ts';
import type { MaskFileFacts, PictureFileFacts } from './read-file-facts.ts';

export interface Examiner {
  /**
   * As `probePhotograph`.
   * @throws AppError of it; `time_limit`, `memory_limit`, `judge_crashed` where the picture ended the process
   */
  probe(path: string, limits?: DecodeLimits): Promise<PhotographFacts>;
  /** As `examinePhotograph`. Errors: as of `probe`. */
  examine(path: string, limits?: DecodeLimits): Promise<ExaminedPhotograph>;
  /** As `readPictureFileFacts`. Errors: as of `probe`. */
  readPictureFacts(path: string): Promise<PictureFileFacts>;
  /** As `readMaskFileFacts`. Errors: as of `probe`. */
  readMaskFacts(path: string, maximumPixels: number): Promise<MaskFileFacts>;
  /** As `paintMask`, as PNG. Errors: as of `probe`. */
  paintMask(
    size: { width: number; height: number },
    before: string | null,
    strokes: readonly MaskStroke[],
  ): Promise<Uint8Array>;
  /** As `drawImage`. Errors: as of `probe`. */
  draw(request: DrawRequest): Promise<DrawnImage>;
  /** Ends the process; what is decoded just then fails with `cancelled`. */
  close(): Promise<void>;
}

const restMs = 2000;

export function createExaminer(
  options: { entry?: string; spawn?: SpawnChild; limits?: Partial<JudgeLimits> } = {},
): Examiner {
  const { entry = examinerEntry, spawn = forkChild } = options;
  const limits = { ...defaultJudgeLimits(), ...options.limits };
  const model = { path: null, name: 'the decoder' };
  const process = new RestartedProcess(() => new JudgeProcess(spawn(entry), model, limits), { restMs });

  const ask = (
    depth: ExamineRequest['depth'],
    path: string,
    { name = path, minimumSide, maximumPixels }: DecodeLimits,
  ): Promise<ExaminedPhotograph> => {
    const request = { file: path, name, depth, minimumSide, maximumPixels };
    return process.perform((one) => one.examine(request));
  };
  return {
    probe: (path, asked = {}) => ask('facts', path, asked),
    async examine(path, asked = {}) {
      const { thumbnail, ...rest } = await ask('whole', path, asked);
      // Electron's channel carries bytes as plain arrays.
      return { ...rest, thumbnail: Buffer.from(thumbnail) };
    },
    readPictureFacts: (path) =>
      process.perform((one) =>
        one.readFacts({ file: path, name: path, of: 'picture' }),
      ) as Promise<PictureFileFacts>,
    readMaskFacts: (path, maximumPixels) =>
      process.perform((one) =>
        one.readFacts({ file: path, name: path, of: 'mask', maximumPixels }),
      ) as Promise<MaskFileFacts>,
    paintMask: ({ width, height }, before, strokes) => {
      const request = { file: before, name: before ?? 'the mask', width, height, strokes: [...strokes] };
      return process.perform((one) => one.paint(request));
    },
    draw: (request) => process.perform((one) => one.draw(request)),
    close: () => process.close(),
  };
}
