/**
 * A picture judged anew after small changes, each of the picture as it was. A JPEG is saved again at its own quality after any
 * change but being saved as JPEG, as a person's program would do, so that it stays in its compression tier.
 */
import type { ChangedPicture } from '#contract/judge-messages.ts';
import { AppError } from '#contract/errors.ts';
import type { PictureChange } from '#contract/stability.ts';
import { isGrey } from '#engine/evaluation/validated-domain.ts';
import type { Detector } from '#inference/detector-session.ts';
import { judgePhotograph } from '#inference/judge-photograph.ts';
import { perturb } from '../perturbations.ts';
import { jpegCodec } from '../trainer/jpeg-codec.ts';
import type { DecodedPicture } from './judge-picture.ts';
import type { JudgeOptions } from './judge-process.ts';

/** @throws AppError of `judgePhotograph`, except that a picture which a change makes too small is listed with the reason */
export async function judgeChanges(
  detector: Detector,
  { facts, traits, image }: DecodedPicture,
  changes: readonly PictureChange[],
  { signal, progress }: JudgeOptions,
): Promise<ChangedPicture[]> {
  const quality = facts.format === 'jpeg' ? traits.quality : null;
  const changed: ChangedPicture[] = [];
  for (const [index, change] of changes.entries()) {
    const made = await perturb(image, change);
    const resaved = change.kind !== 'jpeg' && quality !== null;
    const saved = resaved ? await jpegCodec.roundTrip(made, { quality, chromaSubsampling: '4:2:0' }) : made;
    const { width, height } = saved;
    const format = change.kind === 'jpeg' ? 'jpeg' : facts.format;
    const picture = {
      ...{ width, height, format, grey: isGrey(saved) },
      quality: change.kind === 'jpeg' ? change.level : traits.quality,
    };
    try {
      const { score, tiles, features } = await judgePhotograph(detector, saved, {
        ...(signal ? { signal } : {}),
        progress: (done, total) => progress?.(index + done / total, changes.length),
      });
      changed.push({ change, picture, judged: { score, tiles, features }, reason: '' });
    } catch (cause) {
      if (!(cause instanceof AppError) || cause.code !== 'image_too_small') throw cause;
      changed.push({ change, picture, judged: null, reason: cause.message });
    }
  }
  return changed;
}
