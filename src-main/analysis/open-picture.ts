/** A picture's file as analyses take it: read once, decoded once, and only when an analysis asks for its pixels. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AppError } from '#contract/errors.ts';
import { decodePhotograph, probePhotograph } from '#compute/decoding/decode-photograph.ts';
import { describeContent, sniffFormat, sniffLength } from '#compute/decoding/sniff-format.ts';
import type { RgbImage } from '#engine/ports.ts';
import type { AnalysedPicture, ReferencePicture } from './analysis.ts';

/**
 * A picture that cannot be decoded opens all the same, because its file can still be analysed.
 * @param path what a person knows the file by
 * @throws AppError `file_not_found`, `file_unreadable`, `file_empty`
 */
export async function openPicture(file: string, path: string = file): Promise<AnalysedPicture> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw AppError.from(cause);
  });
  if (bytes.length === 0) throw new AppError('file_empty', `${path} is empty.`);
  const head = bytes.subarray(0, sniffLength);
  const probe = await probePhotograph(file, { name: path }).then(
    (facts) => ({ facts, undecodable: null }),
    (error: unknown) => ({ facts: null, undecodable: AppError.from(error) }),
  );
  let pixels: Promise<RgbImage> | undefined;
  const decode = async (): Promise<RgbImage> => (await decodePhotograph(file, { name: path })).image;
  const format = sniffFormat(head) ?? (describeContent(head).startsWith('a HEIC picture') ? 'heif' : null);
  return { path, bytes, format, ...probe, pixels: () => (pixels ??= decode()) };
}

/** Where a picture to compare with lies. */
export interface ReferenceFile {
  file: string;
  path: string;
  sha256: string;
}

export const referencePicture = ({ file, path, sha256 }: ReferenceFile): ReferencePicture => ({
  path,
  sha256,
  async open() {
    const picture = await openPicture(file, path);
    if (createHash('sha256').update(picture.bytes).digest('hex') !== sha256)
      throw new AppError('evidence_changed', `${path} changed after it was chosen to compare with.`);
    return picture;
  },
});
