/** The file as a tree of segments, chunks or boxes, what lies behind the picture, and the thumbnail inside, beside the picture. */
import { z } from 'zod';
import { describeContent } from '#compute/decoding/sniff-format.ts';
import { AppError } from '#contract/errors.ts';
import { defineAnalysis, NotRun, type AnalysedPicture, type Findings, type FoundFile } from '../analysis.ts';
import { readContainer } from '../containers/read-container.ts';
import { exifThumbnail, likeness } from './thumbnail.ts';

type Found = Findings['findings'][number];
/** Bytes of trailing data that are kept as a file. */
const mostTrailing = 20_000_000;

export const fileStructure = defineAnalysis({
  name: 'file-structure',
  title: 'Structure of the file',
  question:
    'What is the file made of, is there anything behind the picture, and does the thumbnail inside show the same?',
  limits:
    'Ordinary programs add, drop and rewrite parts: a structure tells of programs, not of forgery. Thumbnails are compared by their ' +
    'large shapes only; a small change goes unnoticed.',
  version: 1,
  needs: 'file',
  parameters: z.object({
    leastLikeness: z
      .number()
      .min(0)
      .max(1)
      .default(0.7)
      .describe('Correlation with the picture below which a thumbnail counts as another picture.'),
  }),
  async run(picture, { leastLikeness }): Promise<Findings> {
    if (picture.format === null) throw new NotRun('It is no picture whose structure is known.');
    const container = readContainer(picture.format, picture.bytes);
    if (container === null)
      throw new NotRun(`The structure of ${picture.format.toUpperCase()} files is not read.`);
    const files: FoundFile[] = [];
    const findings: Found[] = [
      {
        ...{ code: 'structure', severity: 'fact' },
        sentence: `The file is ${picture.format.toUpperCase()}, ${picture.bytes.length} bytes, with ${container.nodes.length} parts.`,
      },
    ];
    if (container.problem !== null)
      findings.push({ code: 'structure-unreadable', severity: 'unreadable', sentence: container.problem });
    const wrong = container.nodes.filter(({ note }) => note === 'its checksum is wrong');
    if (wrong.length > 0)
      findings.push({
        ...{
          code: 'checksum-wrong',
          severity: 'contradiction',
          data: { chunks: wrong.slice(0, 20).map(({ name }) => name) },
        },
        sentence: `${wrong.length} chunks have a checksum that is not that of their content: they were changed by a program that does not know PNG, or damaged.`,
      });
    if (container.end !== null && container.end < picture.bytes.length)
      findings.push(trailing(picture, container.end, files));
    if (picture.format === 'jpeg') findings.push(await thumbnail(picture, leastLikeness, files));
    return { findings, files, details: { tree: container.nodes, end: container.end } };
  },
});

function trailing({ bytes }: AnalysedPicture, end: number, files: FoundFile[]): Found {
  const rest = bytes.subarray(end);
  const empty = rest.every((byte) => byte === 0);
  const what = empty
    ? 'only zeros'
    : rest[0] === 0xff && rest[1] === 0xd8
      ? 'another JPEG, as many cameras append'
      : describeContent(rest.subarray(0, 512));
  if (!empty && rest.length <= mostTrailing)
    files.push({
      ...{ name: 'trailing-data', title: 'data behind the picture', mediaType: 'application/octet-stream' },
      bytes: rest,
    });
  return {
    ...{
      code: 'trailing-data',
      severity: empty ? 'fact' : 'notice',
      data: { offset: end, bytes: rest.length },
    },
    sentence: `Behind the end of the picture, from byte ${end} on, lie ${rest.length} bytes: ${what}.`,
  };
}

async function thumbnail(picture: AnalysedPicture, least: number, files: FoundFile[]): Promise<Found> {
  const found = exifThumbnail(picture.bytes);
  if (found === null) return { code: 'no-thumbnail', severity: 'fact', sentence: 'EXIF names no thumbnail.' };
  if ('problem' in found)
    return { code: 'thumbnail-unreadable', severity: 'unreadable', sentence: found.problem };
  const { bytes, offset } = found;
  try {
    if (picture.facts === null)
      return {
        ...{ code: 'thumbnail-not-compared', severity: 'fact', data: { offset, bytes: bytes.length } },
        sentence: 'There is a thumbnail; the picture cannot be decoded to compare it.',
      };
    const value = await likeness(bytes, await picture.pixels());
    files.push({ name: 'thumbnail', title: 'thumbnail from EXIF', mediaType: 'image/jpeg', bytes });
    const data = { offset, bytes: bytes.length, likeness: value };
    if (value === null)
      return {
        ...{ code: 'thumbnail-not-compared', severity: 'fact', data },
        sentence: 'There is a thumbnail; it or the picture is too even to compare.',
      };
    return value < least
      ? {
          ...{ code: 'thumbnail-differs', severity: 'contradiction', data },
          sentence: `The thumbnail shows something other than the picture (correlation ${value.toFixed(2)}): look at both.`,
        }
      : {
          ...{ code: 'thumbnail-agrees', severity: 'fact', data },
          sentence: `The thumbnail shows the picture in its large shapes (correlation ${value.toFixed(2)}).`,
        };
  } catch (error) {
    return {
      ...{ code: 'thumbnail-unreadable', severity: 'unreadable' },
      sentence: `The thumbnail cannot be read: ${AppError.from(error).message.trim().split('\n')[0]}.`,
    };
  }
}
