/**
 * The segments of a JPEG file (ITU-T T.81, B.1), from its bytes alone: where each begins and how long it is, what lies between
 * and after them, and where the structure breaks off. It never throws: hostile files are its daily bread.
 */

export interface JpegSegment {
  /** Second byte of the marker, e.g. 0xda; -1 for entropy-coded data after a scan's header, -2 for bytes outside any segment. */
  marker: number;
  name: string;
  offset: number;
  /** All bytes of it, marker and length included. */
  size: number;
  /** Its content, without marker and length. */
  content: Buffer;
}

export interface JpegSegments {
  segments: JpegSegment[];
  /** The first byte after the end-of-image marker; null where there is none. */
  end: number | null;
  /** Why the structure cannot be followed to the end of the image; null where it can. */
  problem: string | null;
}

export const entropyCoded = -1;
export const strayBytes = -2;

/** Real files have tens; a hostile one could hold millions of empty segments. */
const mostSegments = 20_000;

/** Segments of the image that begins at byte `start`. */
export function readJpegSegments(bytes: Buffer, start = 0): JpegSegments {
  const segments: JpegSegment[] = [];
  const add = (marker: number, offset: number, end: number, content: number): void => {
    segments.push({
      ...{ marker, name: markerName(marker), offset, size: end - offset },
      content: bytes.subarray(content, end),
    });
  };
  const broken = (problem: string): JpegSegments => ({ segments, end: null, problem });
  if (bytes[start] !== 0xff || bytes[start + 1] !== 0xd8)
    return broken('It does not begin with a start of image.');
  add(0xd8, start, start + 2, start + 2);
  let at = start + 2;
  while (segments.length < mostSegments) {
    if (at >= bytes.length) return broken('The file ends before the end of the image.');
    if (bytes[at] !== 0xff) {
      const next = nextMarker(bytes, at);
      if (next < 0) {
        add(strayBytes, at, bytes.length, at);
        return broken(`From byte ${at} on there is no marker.`);
      }
      add(strayBytes, at, next, at);
      at = next;
    }
    // Any number of 0xff may fill up before a marker.
    const filled = at;
    while (bytes[at + 1] === 0xff) at++;
    const marker = bytes[at + 1];
    if (marker === undefined) return broken('The file ends before the end of the image.');
    if (marker === 0xd9) {
      add(marker, filled, at + 2, at + 2);
      return { segments, end: at + 2, problem: null };
    }
    if (standsAlone(marker)) {
      add(marker, filled, at + 2, at + 2);
      at += 2;
      continue;
    }
    if (at + 4 > bytes.length) return broken('The file ends before the end of the image.');
    const length = bytes.readUInt16BE(at + 2);
    const end = at + 2 + length;
    if (length < 2) return broken(`The segment at byte ${at} says that it is ${length} bytes long.`);
    if (end > bytes.length) {
      add(marker, filled, bytes.length, at + 4);
      return broken(`The segment ${markerName(marker)} at byte ${at} reaches past the end of the file.`);
    }
    add(marker, filled, end, at + 4);
    at = end;
    if (marker === 0xda) {
      const scanEnd = endOfScan(bytes, at);
      add(entropyCoded, at, scanEnd, at);
      at = scanEnd;
    }
  }
  return broken(`It has more than ${mostSegments} segments.`);
}

/** The first byte after entropy-coded data: the marker that ends it, or the end of the file. Restart markers belong to it. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

function nextMarker(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next !== undefined && next >= 0xc0 && next !== 0xff) return at;
  }
  return -1;
}

/** TEM and restart markers have no length; a second start of image is kept as what it is. */
const standsAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

function markerName(marker: number): string {
  const named: Record<number, string> = {
    [entropyCoded]: 'entropy-coded data',
    [strayBytes]: 'bytes outside any segment',
    ...{
      0x01: 'TEM',
      0xc4: 'DHT',
      0xc8: 'JPG',
      0xcc: 'DAC',
      0xd8: 'SOI',
      0xd9: 'EOI',
      0xda: 'SOS',
      0xdb: 'DQT',
    },
    ...{ 0xdc: 'DNL', 0xdd: 'DRI', 0xde: 'DHP', 0xdf: 'EXP', 0xfe: 'COM' },
  };
  if (named[marker] !== undefined) return named[marker];
  if (marker >= 0xe0 && marker <= 0xef) return `APP${marker - 0xe0}`;
  if (marker >= 0xc0 && marker <= 0xcf) return `SOF${marker - 0xc0}`;
  if (marker >= 0xd0 && marker <= 0xd7) return `RST${marker - 0xd0}`;
  return `0x${marker.toString(16).padStart(2, '0')}`;
}
