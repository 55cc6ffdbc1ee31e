/** One picture of a triage run: judged, hashed, and the statement on it, as a row of results has them. */
import { stat } from 'node:fs/promises';
import type { Insertable } from 'kysely';
import { AppError } from '#contract/errors.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import type { Judge } from '#compute/judging/judge-host.ts';
import { state } from '#features/calibration/state.ts';
import { hashFile } from '#storage/hash-file.ts';
import type { TriageResultTable } from '#storage/schema.ts';

export type JudgedItem = Omit<
  Insertable<TriageResultTable>,
  'sequence' | 'id' | 'run_id' | 'path' | 'category' | 'provider' | 'judged_at'
>;

/** Changes whenever the file is written, or another one takes its place. */
const identity = async (file: string): Promise<string> => {
  const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file);
  return [dev, ino, size, mtimeMs, ctimeMs].join();
};

/** Errors: those of `Judge.judge`; `evidence_changed` where the file changed meanwhile; `file_not_found`. */
export async function judgeItem(
  judge: Judge,
  file: string,
  { signal, isRendered }: { signal: AbortSignal; isRendered: (sha256: string) => Promise<boolean> },
): Promise<JudgedItem> {
  const begun = performance.now();
  // The judge says what is wrong with a file that cannot be looked at.
  const before = await identity(file).catch(() => null);
  const judging = judge.judge({ file, name: file, depth: 'score' }, { signal });
  const { facts, traits, judgement, ms } = await judging;
  const sha256 = await hashFile(file, { signal });
  if ((await identity(file)) !== before)
    throw new AppError('evidence_changed', `${shownPath(file)} was changed while it was judged.`, {
      hint: 'Judge it again when nothing writes to it.',
    });
  const { tiles, score, features } = judgement;
  const picture = { ...facts, ...traits, rendered: facts.rendered || (await isRendered(sha256)) };
  const { verdict, reason, llr } = state({
    score,
    tiles,
    features,
    picture,
    calibration: judge.passport.calibration,
  });
  const taken = facts.dates.find(({ source }) => source === 'EXIF DateTimeOriginal')?.value ?? null;
  return {
    ...{ sha256, verdict, reason, score, llr, tiles, taken },
    ...{ width: facts.width, height: facts.height, format: facts.format, camera: facts.camera },
    ...{ decode_ms: ms.decode, infer_ms: ms.infer, total_ms: performance.now() - begun },
  };
}
