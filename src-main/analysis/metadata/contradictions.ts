/** Where metadata contradict each other or the file that they stand in. */
import type { AnalysedPicture, Findings } from '../analysis.ts';
import { readJpegHeader } from '../jpeg-file/header.ts';
import { readJpegSegments } from '../jpeg-file/segments.ts';
import { familyOf } from '../jpeg-file/table-families.ts';
import type { Groups } from './read-tags.ts';

type Found = Findings['findings'][number];

/** Clocks without time zones may differ by so much without contradiction. */
const day = 26 * 3600_000;

export function contradictions(groups: Groups, picture: AnalysedPicture): Found[] {
  return [...dates(groups), ...dimensions(groups, picture), ...coding(groups, picture)];
}

function dates({ exif = {} }: Groups): Found[] {
  const taken = time(exif['DateTimeOriginal']);
  const changed = time(exif['DateTime']);
  const found: Found[] = [];
  if (taken !== null && changed !== null && changed < taken - day)
    found.push({
      ...{ code: 'dates-disagree', severity: 'contradiction' },
      sentence: 'EXIF says that the file was changed more than a day before it was taken.',
      data: { taken: exif['DateTimeOriginal']!, changed: exif['DateTime']! },
    });
  const digitised = time(exif['DateTimeDigitized']);
  if (taken !== null && digitised !== null && digitised < taken - day)
    found.push({
      ...{ code: 'dates-disagree', severity: 'contradiction' },
      sentence: 'EXIF says that the picture was digitised more than a day before it was taken.',
      data: { taken: exif['DateTimeOriginal']!, digitised: exif['DateTimeDigitized']! },
    });
  return found;
}

/** `2024:05:01 12:30:00`, without a time zone, as milliseconds. */
function time(text: string | undefined): number | null {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text ?? '');
  if (!parts || parts[1] === '0000') return null;
  const [, year, month, date, hour, minute, second] = parts.map(Number);
  return Date.UTC(year!, month! - 1, date, hour, minute, second);
}

function dimensions({ exif = {} }: Groups, { facts }: AnalysedPicture): Found[] {
  const [width, height] = [
    parseInt(exif['PixelXDimension'] ?? '', 10),
    parseInt(exif['PixelYDimension'] ?? '', 10),
  ];
  if (facts === null || !(width > 0 && height > 0)) return [];
  const same = (a: number, b: number): boolean => facts.width === a && facts.height === b;
  if (same(width, height) || same(height, width)) return [];
  return [
    {
      ...{ code: 'dimensions-disagree', severity: 'contradiction' },
      sentence: `EXIF says ${width} by ${height} pixels, the picture has ${facts.width} by ${facts.height}: it was resized or cropped by a program that left EXIF as it was.`,
      data: { exif: [width, height], picture: [facts.width, facts.height] },
    },
  ];
}

/** Cameras write neither progressive JPEG nor the tables of mozjpeg. */
function coding({ exif = {} }: Groups, { bytes, format }: AnalysedPicture): Found[] {
  const camera = [exif['Make'], exif['Model']].filter(Boolean).join(' ').trim();
  if (format !== 'jpeg' || camera === '') return [];
  try {
    const header = readJpegHeader(readJpegSegments(bytes));
    const table = header.components[0]?.table;
    const family = table ? familyOf(table.steps, 'luma') : null;
    const why = [
      ...(header.frame === 0xc2 ? ['it is progressive'] : []),
      ...(family?.name.startsWith('mozjpeg') ? ['its tables are those of mozjpeg'] : []),
    ];
    if (why.length === 0) return [];
    return [
      {
        ...{ code: 'coding-unlike-camera', severity: 'notice', data: { camera, why } },
        sentence: `EXIF names the camera "${camera.slice(0, 80)}", but ${why.join(' and ')}: a program saved the file last.`,
      },
    ];
  } catch {
    return [];
  }
}
