/**
 * Photographs as 8-bit RGB, with sharp. Originals are only read. What is done to the numbers on the way is always
 * the same, and each photograph's `notes` say what was done to it:
 *
 * - RGB values stay as stored: an embedded colour profile is not applied.
 * - More than 8 bits a channel: the high byte is kept (v >> 8).
 * - CMYK is converted to sRGB through its embedded profile, or through a standard one where it carries none.
 * - Greyscale becomes three equal channels; colour-indexed pictures become the colours that they index.
 * - An alpha channel is dropped; the colours beneath it stay as stored.
 * - Of several frames or pages the first is read.
 * - The EXIF orientation is not applied, so that pixels stay on the grid on which they were compressed.
 */
import { constants } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { AppError } from '#contract/errors.ts';
import type { EmbeddedDate } from '#contract/evidence.ts';
import type { RgbImage } from '#engine/ports.ts';
import { embeddedCamera, embeddedDates } from './embedded-dates.ts';
import { byteSource, endsEarly } from './file-structure.ts';
import { carriesRenderedNotice } from './rendered-notice.ts';
import {
  describeContent,
  mediaTypes,
  sniffFormat,
  sniffLength,
  type PhotographFormat,
} from './sniff-format.ts';

// Keeps no memory, open files or results between calls: a file is read as it is now, and can be unplugged afterwards.
sharp.cache(false);

/** Photographs of more pixels are refused before anything is decoded: 300 million, 900 MB as RGB. */
export const defaultMaximumPixels = 300_000_000;

export type DecodeLimits = {
  /** Default `defaultMaximumPixels`. */
  maximumPixels?: number;
  /** Both sides must have as many pixels; no limit by default. */
  minimumSide?: number;
  /** What errors call the file, where its path is not what a person knows it by. */
  name?: string;
};

/** What the file says of itself, before any pixel is decoded. */
export type PhotographFacts = {
  format: PhotographFormat;
  mediaType: string;
  /** Size of the file. */
  bytes: number;
  /** Pixels, as stored: before any EXIF orientation. */
  width: number;
  height: number;
  /** EXIF orientation 1 to 8, where there is one; it is not applied. */
  orientation: number | null;
  /** Frames or pages. */
  pages: number;
  /** Its metadata say that this program rendered it. */
  rendered: boolean;
  /** What the metadata say of when it was made and changed. */
  dates: EmbeddedDate[];
  /** Maker and model, as the metadata say. */
  camera: string | null;
  /** In words, how the pixels are read where that is not plain 8-bit RGB. */
  notes: string[];
};

/**
 * Reads a file's head and structure, without decoding pixels.
 * Errors: `file_not_found`, `file_unreadable`, `file_empty`, `not_an_image`, `image_truncated`, `image_damaged`,
 * `image_too_small`, `image_too_large`.
 */
export async function probePhotograph(path: string, limits: DecodeLimits = {}): Promise<PhotographFacts> {
  const shown = shownPath(limits.name ?? path);
  const { format, bytes } = await inspectFile(path, shown);
  const metadata = await sharp(await sharpInput(path), { ...readOptions, limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw decodeError(error, limits.name ?? path);
    });
  const facts: PhotographFacts = {
    format,
    mediaType: mediaTypes[format],
    bytes,
    width: metadata.width,
    height: metadata.height,
    orientation: metadata.orientation ?? null,
    pages: metadata.pages ?? 1,
    rendered: carriesRenderedNotice(metadata.exif),
    dates: embeddedDates(metadata),
    camera: embeddedCamera(metadata),
    notes: readingNotes(metadata, format),
  };
  refuseSize(facts, limits, shown);
  return facts;
}

/**
 * Decodes a photograph whole, in 3 bytes a pixel.
 * Errors: those of `probePhotograph`; `image_truncated` and `image_damaged` also for what only decoding shows.
 */
export async function decodePhotograph(
  path: string,
  limits: DecodeLimits = {},
): Promise<PhotographFacts & { image: RgbImage }> {
  const facts = await probePhotograph(path, limits);
  return { ...facts, image: await decodeProbed(path, facts, limits.name) };
}

/**
 * The pixels of a probed photograph, whole, or 2 or 4 times smaller along each side, rounded up: of a JPEG, a smaller one is
 * made from the coefficients of its blocks without its pixels ever being decoded, in little more than half the time.
 * @param name what errors call it
 * @throws AppError as `decodePhotograph`
 */
export async function decodeProbed(
  path: string,
  facts: PhotographFacts,
  name = path,
  smaller: 1 | 2 | 4 = 1,
): Promise<RgbImage> {
  const [width, height] = [Math.ceil(facts.width / smaller), Math.ceil(facts.height / smaller)];
  const pixels = await openPixels(path, facts);
  const { data, info } = await (
    smaller === 1 ? pixels : pixels.resize(width, height, { fit: 'fill', kernel: 'cubic' })
  )
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw decodeError(error, name);
    });
  if (info.channels !== 3 || info.width !== width || info.height !== height)
    throw new AppError('image_damaged', `${shownPath(name)} decodes to another size than it says.`);
  return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

/** A sharp pipeline that gives the pixels of a probed photograph as 8-bit RGB under the rules above. */
export async function openPixels(path: string, facts: PhotographFacts): Promise<Sharp> {
  return sharp(await sharpInput(path), { ...readOptions, limitInputPixels: facts.width * facts.height })
    .removeAlpha()
    .toColourspace('srgb');
}

/** The error that a failed decoding stands for; `name` is what a person knows the file by. */
export function decodeError(error: unknown, name: string): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const reason = message.trim().split('\n').at(-1) ?? '';
  const short = /premature end|unexpected end|got \d+ bytes, expected/i.test(message);
  return short
    ? new AppError('image_truncated', `${shownPath(name)} ends early: ${reason}.`, { cause: error })
    : new AppError('image_damaged', `${shownPath(name)} cannot be decoded: ${reason}.`, { cause: error });
}

/** A path on one line, quoted where it holds line breaks or other control characters. */
export const shownPath = (path: string): string => (/\p{Cc}/u.test(path) ? JSON.stringify(path) : path);

/**
 * `failOn: 'error'` refuses truncated and corrupt data, and lets pass what decoders merely warn of (stray bytes
 * between JPEG segments, odd metadata), which cameras and editors write into good files.
 */
const readOptions: SharpOptions = { failOn: 'error', ignoreIcc: true, sequentialRead: true, animated: false };

/** libvips takes a bracket at the end of a name for options; such a file is handed over as bytes. */
const sharpInput = async (path: string): Promise<string | Buffer> =>
  path.endsWith(']') ? readFile(path) : path;

async function inspectFile(
  path: string,
  shown: string,
): Promise<{ format: PhotographFormat; bytes: number }> {
  try {
    refuseOtherThanFile(await stat(path), shown);
    // Never waits, should the file have become a pipe meanwhile.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const { size } = await file.stat();
      if (size === 0) throw new AppError('file_empty', `${shown} is empty.`);
      const source = byteSource(file, size);
      const head = await source.read(0, sniffLength);
      const format = sniffFormat(head);
      if (format === null)
        throw new AppError('not_an_image', `${shown} is not a picture: it holds ${describeContent(head)}.`);
      if (await endsEarly(format, source))
        throw new AppError(
          'image_truncated',
          `${shown} ends early: its ${format.toUpperCase()} data is cut off.`,
        );
      return { format, bytes: size };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, shown);
  }
}

function refuseOtherThanFile(stats: Stats, shown: string): void {
  if (stats.isFile()) return;
  const kind = stats.isDirectory()
    ? 'a folder'
    : stats.isFIFO()
      ? 'a pipe'
      : stats.isSocket()
        ? 'a socket'
        : 'a device';
  throw new AppError('file_unreadable', `${shown} is ${kind}, not a file.`, { hint: 'Name a picture file.' });
}

function fileError(error: unknown, shown: string): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new AppError('file_not_found', `${shown} does not exist.`, { cause: error });
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError('file_unreadable', `${shown} cannot be read: ${reason}.`, { cause: error });
}

function readingNotes(metadata: Metadata, format: PhotographFormat): string[] {
  const notes: string[] = [];
  const pages = metadata.pages ?? 1;
  const bits = metadata.bitsPerSample ?? 0;
  if (pages > 1) notes.push(`first of ${pages} ${format === 'tiff' ? 'pages' : 'frames'}`);
  if (metadata.depth !== 'uchar') notes.push(`${bits > 8 ? bits : 16} bits a channel reduced to 8`);
  if (metadata.space === 'cmyk')
    notes.push(
      metadata.hasProfile
        ? 'CMYK converted to sRGB through its embedded profile'
        : 'CMYK without a profile converted to sRGB through a standard one',
    );
  else if (metadata.hasProfile) notes.push('embedded colour profile not applied: values as stored');
  if (metadata.space === 'b-w' || metadata.space === 'grey16')
    notes.push('greyscale spread over three channels');
  if (metadata.hasAlpha) notes.push('alpha channel dropped');
  if ((metadata.orientation ?? 1) !== 1) notes.push(`EXIF orientation ${metadata.orientation} not applied`);
  return notes;
}

function refuseSize(facts: PhotographFacts, limits: DecodeLimits, shown: string): void {
  const { width, height } = facts;
  const size = `${shown} has ${width} by ${height} pixels`;
  const most = limits.maximumPixels ?? defaultMaximumPixels;
  const least = limits.minimumSide ?? 1;
  if (width * height > most)
    throw new AppError('image_too_large', `${size}; the limit is ${Math.floor(most / 1e6)} million.`);
  if (Math.min(width, height) < least)
    throw new AppError('image_too_small', `${size}; at least ${least} by ${least} are needed.`);
}
