/** One picture of a triage run, measured: decoded, judged by its score, anew after changes where the run asks for it, and hashed. */
import { stat } from 'node:fs/promises';
import { AppError } from '#contract/errors.ts';
import type { StabilityWhen } from '#contract/stability.ts';
import type { MeasuredPicture } from '#contract/triage-queue.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import type { Judge } from '#compute/judging/judge-host.ts';
import { lookAtStability, worthALook } from '#features/calibration/stability-look.ts';
import { state } from '#features/calibration/state.ts';
import { hashFile } from '#storage/hash-file.ts';

/** Changes whenever the file is written, or another one takes its place. */
const identity = async (file: string): Promise<string> => {
  const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file);
  return [dev, ino, size, mtimeMs, ctimeMs].join();
};

/**
 * Errors: those of `Judge.judge`; `evidence_changed` where the file changed meanwhile; `file_not_found`.
 * @param name what errors call the file
 */
export async function measurePicture(
  judge: Judge,
  file: string,
  { signal, stability, name = file }: { signal: AbortSignal; stability: StabilityWhen; name?: string },
): Promise<MeasuredPicture> {
  const begun = performance.now();
  // The judge says what is wrong with a file that cannot be looked at.
  const before = await identity(file).catch(() => null);
  const judging = judge.judge({ file, name, depth: 'score' }, { signal });
  const { facts, traits, judgement, provider, ms } = await judging;
  const { width, height, format, rendered, camera } = facts;
  const { score, tiles, features } = judgement;
  const picture = { width, height, format, ...traits, rendered };
  const { calibration } = judge.passport;
  const { verdict } = state({ score, tiles, features, picture, calibration });
  const look = worthALook(stability, verdict)
    ? await lookAtStability(judge, { file, name }, { signal })
    : null;
  const sha256 = await hashFile(file, { signal });
  if ((await identity(file)) !== before)
    throw new AppError('evidence_changed', `${shownPath(name)} was changed while it was judged.`, {
      hint: 'Judge it again when nothing writes to it.',
    });
  return {
    ...{ sha256, picture, camera },
    taken: facts.dates.find(({ source }) => source === 'EXIF DateTimeOriginal')?.value ?? null,
    ...{ score, tiles, features, look, provider },
    ms: { decode: ms.decode, infer: ms.infer, total: performance.now() - begun },
  };
}
