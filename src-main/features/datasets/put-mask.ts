/** Takes the mask of a picture into the blob store. */
import { AppError } from '#contract/errors.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import type { Examiner } from '#compute/decoding/examiner.ts';
import type { BlobStore, StoredBlob } from '#storage/blob-store.ts';

/** Errors: `invalid_mask` where it cannot be read or is not as large as its picture; those of the store. */
export async function putMask(
  { blobs, examiner }: { blobs: BlobStore; examiner: Examiner },
  mask: string,
  { picture, shown }: { picture: { width: number; height: number }; shown: string },
): Promise<StoredBlob> {
  const facts = await examiner.examine(mask).catch((error: unknown) => {
    const cause = AppError.from(error);
    throw new AppError('invalid_mask', `The mask of ${shownPath(shown)} cannot be used: ${cause.message}`, {
      cause,
    });
  });
  if (facts.width !== picture.width || facts.height !== picture.height)
    throw new AppError(
      'invalid_mask',
      `The mask ${shownPath(mask)} has ${facts.width} by ${facts.height} pixels, its picture ${picture.width} by ${picture.height}.`,
    );
  return blobs.putFile(mask, facts.mediaType, 'original');
}
