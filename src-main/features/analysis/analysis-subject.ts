/** A picture that is to be analysed: a file, or an item of evidence that is proven before and after. */
import { AppError } from '#contract/errors.ts';
import type { Examiner } from '#compute/decoding/examiner.ts';
import type { BlobStore } from '#storage/blob-store.ts';

export interface AnalysisSubject {
  /** What a person knows it by. */
  path: string;
  /** The item of evidence that it is, and its case. */
  evidence: { id: string; caseId: string } | null;
  /** Makes its bytes ready to be read. */
  open: (options: { signal?: AbortSignal }) => Promise<{ file: string; sha256: string }>;
  /** Proves, once they have been read, that they were what `open` said. */
  confirm: (options: { signal?: AbortSignal }) => Promise<void>;
}

/** Codes of files that are there, but are no pictures that can be decoded: their bytes can be analysed all the same. */
const analysable = new Set(['not_an_image', 'image_truncated', 'image_damaged', 'image_too_large']);

/** A file, which is copied into the workspace, so that results and hash speak of the same bytes. */
export const fileSubject = (
  path: string,
  { blobs, examiner }: { blobs: BlobStore; examiner: Examiner },
): AnalysisSubject => ({
  path,
  evidence: null,
  async open(options) {
    const mediaType = await examiner.probe(path).then(
      (facts) => facts.mediaType,
      (cause: unknown) => {
        const error = AppError.from(cause);
        if (!analysable.has(error.code)) throw error;
        return 'application/octet-stream';
      },
    );
    const { hash } = await blobs.putFile(path, mediaType, 'original', options);
    return { file: blobs.pathOf(hash), sha256: hash };
  },
  confirm: async () => undefined,
});
