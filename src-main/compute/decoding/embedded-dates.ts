/**
 * The dates that a picture's metadata tell, as they are written there: EXIF (CIPA DC-008, tags of the image, the Exif and
 * the GPS directory) and XMP. They are claims of whoever wrote the file. What is malformed is left out, never an error.
 */
import type { EmbeddedDate } from '#contract/evidence.ts';
import { TiffValues } from './tiff-values.ts';

const exifPointer = 0x8769;
const gpsPointer = 0x8825;
const ascii = 2;
const rational = 5;
/** Directories of cameras have tens of entries. */
const mostEntries = 1000;

type Entry = { type: number; count: number; at: number };
type Directory = Map<number, Entry>;

/** `exif` and `xmp` as sharp hands them over. */
export function embeddedDates(metadata: { exif?: Buffer; xmp?: Buffer }): EmbeddedDate[] {
  const dates = [
    ...(metadata.exif ? exifDates(metadata.exif) : []),
    ...(metadata.xmp ? xmpDates(metadata.xmp) : []),
  ];
  return dates.flatMap(({ source, value }) => (value === null ? [] : [{ source, value }]));
}

/** Maker and model as EXIF tells them, the maker not twice; null where it tells none. */
export function embeddedCamera({ exif }: { exif?: Buffer }): string | null {
  if (!exif) return null;
  const { tiff, image } = exifBlock(exif);
  const [maker, model] = [tiff.text(image.get(0x010f)), tiff.text(image.get(0x0110))];
  const named = model.toLowerCase().startsWith(maker.toLowerCase()) ? model : `${maker} ${model}`.trim();
  return named === '' ? null : named;
}

function exifBlock(block: Buffer): { tiff: TiffBlock; image: Directory } {
  const start = block.toString('latin1', 0, 6) === 'Exif\0\0' ? 6 : 0;
  const tiff = new TiffBlock(block.subarray(start));
  return { tiff, image: tiff.directory(tiff.u32(4)) };
}

type Found = { source: string; value: string | null };

function exifDates(block: Buffer): Found[] {
  const { tiff, image } = exifBlock(block);
  const exif = tiff.directory(tiff.pointer(image.get(exifPointer)));
  const gps = tiff.directory(tiff.pointer(image.get(gpsPointer)));
  const local = (directory: Directory, tag: number, offsetTag: number): string | null =>
    localDate(tiff.text(directory.get(tag)), tiff.text(exif.get(offsetTag)));
  return [
    { source: 'EXIF DateTimeOriginal', value: local(exif, 0x9003, 0x9011) },
    { source: 'EXIF DateTimeDigitized', value: local(exif, 0x9004, 0x9012) },
    { source: 'EXIF DateTime', value: local(image, 0x0132, 0x9010) },
    { source: 'EXIF GPSDateStamp', value: gpsDate(tiff.text(gps.get(29)), tiff.rationals(gps.get(7))) },
  ];
}

/** `2024:05:01 12:30:00` of local time, with the offset of the time zone where the file has one. */
function localDate(text: string, offset: string): string | null {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text);
  if (!parts || parts[1] === '0000') return null;
  const zone = /^[+-]\d\d:\d\d$/.test(offset) ? offset : '';
  return `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}${zone}`;
}

/** GPS has the day as text and the time of day as hours, minutes and seconds, both UTC. */
function gpsDate(day: string, time: readonly number[]): string | null {
  if (!/^(?!0000)\d{4}:\d\d:\d\d$/.test(day)) return null;
  const date = day.replaceAll(':', '-');
  if (time.length !== 3 || !time.every((part) => part >= 0 && part < 100)) return date;
  return `${date}T${time.map((part) => String(Math.floor(part)).padStart(2, '0')).join(':')}Z`;
}

const xmpNames = [
  'xmp:CreateDate',
  'xmp:ModifyDate',
  'xmp:MetadataDate',
  'photoshop:DateCreated',
  'exif:DateTimeOriginal',
];

/** As attributes (`xmp:CreateDate="..."`) or as elements. */
function xmpDates(packet: Buffer): Found[] {
  const text = packet.toString('utf8');
  return xmpNames.map((name) => {
    const value = new RegExp(`${name}(?:="|>)([0-9T:.+Z-]{4,35})["<]`).exec(text)?.[1];
    return { source: `XMP ${name}`, value: value ?? null };
  });
}

/** The directories of EXIF. Whatever reaches past its end reads as absent. */
class TiffBlock extends TiffValues {
  /** The entries of the directory at `at`; none where there is no directory. */
  directory(at: number): Directory {
    const entries: Directory = new Map();
    const count = at === 0 ? 0 : Math.min(this.u16(at), mostEntries);
    for (let place = at + 2; place < at + 2 + count * 12; place += 12)
      entries.set(this.u16(place), {
        type: this.u16(place + 2),
        count: this.u32(place + 4),
        at: place + 8,
      });
    return entries;
  }

  pointer(entry: Entry | undefined): number {
    return entry ? this.u32(entry.at) : 0;
  }

  text(entry: Entry | undefined): string {
    if (entry?.type !== ascii || entry.count > 64) return '';
    const start = entry.count <= 4 ? entry.at : this.u32(entry.at);
    return this.bytes
      .toString('latin1', start, start + entry.count)
      .replace(/\0.*$/s, '')
      .trim();
  }

  rationals(entry: Entry | undefined): number[] {
    if (entry?.type !== rational || entry.count > 8) return [];
    const start = this.u32(entry.at);
    return Array.from({ length: entry.count }, (_, index) => {
      const at = start + index * 8;
      return this.u32(at) / this.u32(at + 4);
    });
  }
}
