/** How a JPEG file is coded, from its headers: the settings of the program that saved it last. Nothing here is decoded. */
import { z } from 'zod';
import type { Finding } from '#contract/analysis.ts';
import { defineAnalysis, type Findings } from '../analysis.ts';
import { readJpegHeader, type JpegHeader, type QuantisationTable } from '../jpeg-file/header.ts';
import { readJpegSegments } from '../jpeg-file/segments.ts';
import { familyOf, isStandardHuffman, nearestQuality } from '../jpeg-file/table-families.ts';

type Fact = Omit<Finding, 'data'> & Partial<Pick<Finding, 'data'>>;
const fact = (code: string, sentence: string, data: Finding['data'] = {}): Fact => ({
  ...{ code, severity: 'fact', sentence, data },
});

const frames: Record<number, string> = {
  0xc0: 'baseline',
  0xc1: 'extended sequential',
  0xc2: 'progressive',
};

export const jpegCoding = defineAnalysis({
  name: 'jpeg-coding',
  title: 'JPEG coding',
  question: 'With what settings, and by what family of programs, was the JPEG file saved last?',
  limits:
    'It speaks of the last saving alone. Many programs share the standard tables, and a table that is not published says only ' +
    'that it is none of those.',
  version: 1,
  needs: 'file',
  formats: ['jpeg'],
  parameters: z.object({}),
  async run(picture): Promise<Findings> {
    const segments = readJpegSegments(picture.bytes);
    const header = readJpegHeader(segments);
    const findings = [
      ...tables(header),
      subsampling(header),
      huffman(header),
      scans(header),
      restarts(header),
    ];
    if (segments.problem !== null)
      findings.push({ code: 'structure-broken', severity: 'unreadable', sentence: segments.problem });
    return {
      findings,
      details: {
        quantisation: header.quantisation.map(({ id, bits, steps }) => ({ id, bits, steps: [...steps] })),
        components: header.components.map(({ id, horizontal, vertical, tableId }) => ({
          ...{ id, horizontal, vertical, table: tableId },
        })),
        scans: header.scans.map(({ components, first, last, high, low, data }) => ({
          ...{ components: components.map(({ index }) => index), first, last, high, low, bytes: data.length },
        })),
      },
    };
  },
});

function tables({ components }: JpegHeader): Fact[] {
  const luma = components[0]?.table;
  const chroma = components[1]?.table;
  const facts: Fact[] = [];
  if (luma) facts.push(table('luma', luma));
  else
    facts.push({
      code: 'quantisation-unreadable',
      severity: 'unreadable',
      sentence: 'The quantisation table of the luma component is not in the file.',
    });
  if (chroma && chroma.id !== luma?.id) facts.push(table('chroma', chroma));
  return facts;
}

function table(kind: 'luma' | 'chroma', { steps }: QuantisationTable): Fact {
  const family = familyOf(steps, kind);
  const code = `quantisation-${kind}`;
  if (family)
    return fact(code, `The ${kind} table is that of ${family.name} at quality ${family.quality}.`, {
      ...{ family: family.name, quality: family.quality, exact: true },
    });
  const { quality, difference } = nearestQuality(steps, kind);
  return fact(
    code,
    `The ${kind} table is none that is published here, as cameras and Photoshop have them; the standard one of quality ` +
      `${quality} comes nearest (mean difference of a step ${difference.toFixed(1)}).`,
    { family: null, quality, exact: false, difference },
  );
}

function subsampling({ components }: JpegHeader): Fact {
  const [luma, chroma] = components;
  if (!luma || !chroma)
    return fact('subsampling', 'It has one component: there is no chroma.', { sampling: 'grey' });
  const ratio = `${luma.horizontal / chroma.horizontal}x${luma.vertical / chroma.vertical}`;
  const names: Record<string, string> = {
    '1x1': '4:4:4',
    '2x1': '4:2:2',
    '2x2': '4:2:0',
    '1x2': '4:4:0',
    '4x1': '4:1:1',
  };
  const sampling = names[ratio] ?? ratio;
  return fact('subsampling', `Chroma is sampled ${sampling}.`, { sampling });
}

function huffman({ huffman: defined, frame }: JpegHeader): Fact {
  if (frame > 0xc2)
    return fact('huffman', 'The coding is arithmetic, lossless or hierarchical.', { standard: false });
  if (defined.length === 0)
    return {
      ...{ code: 'huffman', severity: 'notice', data: { standard: false } },
      sentence: 'It defines no Huffman tables, as frames of motion JPEG do.',
    };
  const standard = defined.every(isStandardHuffman);
  return fact(
    'huffman',
    standard
      ? 'The Huffman tables are the standard ones, as most cameras write them.'
      : 'The Huffman tables are made for this picture (optimised), as programs do and few cameras.',
    { standard },
  );
}

function scans({ frame, scans: all, width, height, precision }: JpegHeader): Fact {
  const kind = frames[frame] ?? `of frame type SOF${frame - 0xc0}`;
  return fact(
    'frame',
    `The frame is ${kind}, ${width} by ${height}, ${precision} bits, in ${all.length === 1 ? 'one scan' : `${all.length} scans`}.`,
    {
      ...{ kind, width, height, precision, scans: all.length },
    },
  );
}

const restarts = ({ restartInterval }: JpegHeader): Fact =>
  restartInterval === 0
    ? fact('restart-markers', 'There are no restart markers.', { interval: 0 })
    : fact(
        'restart-markers',
        `There is a restart marker every ${restartInterval} MCUs, as many cameras write them.`,
        {
          interval: restartInterval,
        },
      );
