/** What is written beside the pixels: EXIF, IPTC, XMP, colour profile and text, and where it contradicts itself or the file. */
import { z } from 'zod';
import { defineAnalysis, type AnalysedPicture, type Findings } from '../analysis.ts';
import { library } from '../library.ts';
import { readContainer } from '../containers/read-container.ts';
import { coastLibrary } from './coasts.ts';
import { contradictions } from './contradictions.ts';
import { generatorTraces } from './generator-traces.ts';
import { positionMap } from './position-map.ts';
import { readTags, type Groups } from './read-tags.ts';

type Found = Findings['findings'][number];

/** What people call a group, and the parts of files that hold it. */
const groups: { name: string; title: string; note: string }[] = [
  { name: 'exif', title: 'EXIF', note: 'EXIF' },
  { name: 'iptc', title: 'IPTC', note: 'Photoshop resources (IPTC)' },
  { name: 'xmp', title: 'XMP', note: 'XMP' },
  { name: 'icc', title: 'colour profile (ICC)', note: 'ICC profile' },
  { name: 'makerNotes', title: 'maker notes', note: '' },
];

export const metadata = defineAnalysis({
  name: 'metadata',
  title: 'Metadata',
  question: 'What does the file tell of its making and its changes, and does it contradict itself?',
  limits:
    'Metadata are claims: anybody can write, copy or remove them. That they agree proves nothing, and that they are absent is ' +
    'ordinary.',
  version: 3,
  needs: 'file',
  libraries: [library('exifreader', 'ExifReader'), coastLibrary],
  parameters: z.object({}),
  async run(picture): Promise<Findings> {
    const read = await readTags(picture.bytes);
    const findings: Found[] = groups.map(({ name, title, note }) =>
      presence(picture, read, { name, title, note }),
    );
    const where = position(read.groups);
    findings.push(...place(where), ...software(read), ...generatorTraces(read.groups, picture));
    findings.push(...contradictions(read.groups, picture));
    return {
      findings,
      maps: where?.valid ? [positionMap(where.latitude, where.longitude)] : [],
      details: { tags: read.groups, error: read.error },
    };
  },
});

/** Present, absent, or there and not readable. */
function presence(
  { bytes, format }: AnalysedPicture,
  { groups: tags, error }: { groups: Groups; error: string | null },
  { name, title, note }: { name: string; title: string; note: string },
): Found {
  const count = Object.keys(tags[name] ?? {}).length;
  const data = { group: name, count };
  if (count > 0)
    return { code: `has-${kebab(name)}`, severity: 'fact', sentence: `${title}: ${count} fields.`, data };
  const container = format === null ? null : readContainer(format, bytes);
  const isThere = note !== '' && (container?.nodes.some((node) => node.note === note) ?? false);
  if (isThere || error !== null)
    return {
      ...{ code: `unreadable-${kebab(name)}`, severity: 'unreadable', data },
      sentence: isThere
        ? `${title}: the file has a part for it, which cannot be read.`
        : `${title}: it is not known whether there is any, because the metadata cannot be read (${error}).`,
    };
  return { code: `no-${kebab(name)}`, severity: 'fact', sentence: `${title}: absent.`, data };
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

type Position = { latitude: number; longitude: number; valid: boolean };

/** Degrees, north and east positive; null where the file names none. */
function position({ gps }: Groups): Position | null {
  if (gps?.['Latitude'] === undefined || gps['Longitude'] === undefined) return null;
  const [latitude, longitude] = [Number(gps['Latitude']), Number(gps['Longitude'])];
  return { latitude, longitude, valid: Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 };
}

function place(where: Position | null): Found[] {
  if (where === null) return [];
  const { latitude, longitude, valid } = where;
  if (!valid)
    return [{ code: 'gps-unreadable', severity: 'unreadable', sentence: 'GPS: the coordinates are none.' }];
  return [
    {
      ...{ code: 'gps', severity: 'fact', data: { latitude, longitude } },
      sentence: `GPS: latitude ${latitude.toFixed(5)}, longitude ${longitude.toFixed(5)}, as the file says.`,
    },
  ];
}

const editors =
  /photoshop|lightroom|gimp|affinity|pixelmator|snapseed|picasa|paint|capture one|luminar|facetune|canva|photoscape|acdsee|paintshop|darktable|rawtherapee|imagemagick|irfanview|krita|instagram/i;

function software({ groups: tags }: { groups: Groups }): Found[] {
  const named = [
    ['EXIF Software', tags['exif']?.['Software']],
    ['XMP CreatorTool', tags['xmp']?.['CreatorTool']],
    ['IPTC Originating Program', tags['iptc']?.['Originating Program']],
    ['PNG Software', tags['pngText']?.['Software']],
  ].flatMap(([where, value]) => (value ? [{ where: where!, value }] : []));
  const history = tags['xmp']?.['History'];
  return [
    ...named.map(({ where, value }): Found => ({
      ...{
        code: 'software-named',
        severity: editors.test(value) ? 'notice' : 'fact',
        data: { where, value },
      },
      sentence: `${where} names "${value.slice(0, 120)}"${editors.test(value) ? ', a program that changes pictures' : ''}.`,
    })),
    ...(history
      ? [
          {
            ...{
              code: 'edit-history',
              severity: 'notice' as const,
              data: { history: history.slice(0, 2000) },
            },
            sentence: 'XMP keeps a history of what programs did to the file.',
          },
        ]
      : []),
  ];
}
