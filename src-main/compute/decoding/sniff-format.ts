/** What a file is, from its first bytes; its name is never asked. */

export type PhotographFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif' | 'gif';

export const mediaTypes: Record<PhotographFormat, string> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  tiff: 'image/tiff',
  avif: 'image/avif',
  gif: 'image/gif',
};

/** How many bytes `sniffFormat` and `describeContent` look at. */
export const sniffLength = 512;

/** The format of a file that begins with `head`, or null where it is none that can be read. */
export function sniffFormat(head: Buffer): PhotographFormat | null {
  const text = head.toString('latin1');
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'webp';
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return 'tiff';
  if (/^GIF8[79]a/.test(text)) return 'gif';
  if (text.startsWith('ftyp', 4) && brands(head).some((brand) => brand === 'avif' || brand === 'avis'))
    return 'avif';
  return null;
}

/** In words, what a file that is no readable picture seems to hold. */
export function describeContent(head: Buffer): string {
  const text = head.toString('latin1');
  if (text.startsWith('ftyp', 4)) {
    const still = brands(head).some((brand) => /^(hei[cxms]|hev[cx]|mif1)$/.test(brand));
    return still
      ? 'a HEIC picture, which needs a decoder that is not part of this program'
      : 'a video or sound file';
  }
  const known: [start: string, words: string][] = [
    ['%PDF', 'a PDF document'],
    ['PK\x03\x04', 'a ZIP archive or an office document'],
    ['BM', 'a BMP picture, which cannot be read'],
    ['8BPS', 'a Photoshop document, which cannot be read'],
    ['\xff\x0a', 'a JPEG XL picture, which cannot be read'],
    ['\0\0\0\x0cJXL ', 'a JPEG XL picture, which cannot be read'],
    ['\0\0\0\x0cjP  ', 'a JPEG 2000 picture, which cannot be read'],
  ];
  for (const [start, words] of known) if (text.startsWith(start)) return words;
  if (/<svg[\s>]/i.test(text)) return 'an SVG drawing, which has no pixels of its own';
  if (/^\s*<(!doctype html|html)/i.test(text)) return 'a web page';
  if (isText(head)) return 'text';
  return 'data of an unknown kind';
}

/** Major and compatible brands of an ISO base media file (ISO/IEC 14496-12, 4.3). */
function brands(head: Buffer): string[] {
  const end = Math.min(head.length, head.readUInt32BE(0));
  const found = [head.toString('latin1', 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) found.push(head.toString('latin1', at, at + 4));
  return found;
}

/** UTF-8 without control characters; the last character may be cut off. */
function isText(head: Buffer): boolean {
  if (head.some((byte) => byte < 9 || (byte > 13 && byte < 32))) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
