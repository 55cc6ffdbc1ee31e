/** One analysis of one opened picture: why it does not run, what it found with its maps as files, or why it failed. */
import { finding, type AnalysisParameters } from '#contract/analysis.ts';
import { AppError } from '#contract/errors.ts';
import {
  NotRun,
  type AnalysedPicture,
  type AnalysisLists,
  type Analysis,
  type Findings,
  type FoundMap,
  type ReferencePicture,
} from '#analysis/analysis.ts';
import { encodeMap } from '../map-image.ts';
import { peakMegabytes } from '../peak-memory.ts';
import { withoutFindings, type AnalysisOutcome, type EncodedMap } from './analysis-messages.ts';

/** Characters of an analysis' details as JSON; more would be a fault of the analysis. */
const mostDetails = 4_000_000;

/** Never rejects, except where `signal` is aborted. */
export async function performAnalysis(
  analysis: Analysis,
  picture: AnalysedPicture,
  given: { parameters: AnalysisParameters; references: readonly ReferencePicture[]; lists: AnalysisLists },
  signal: AbortSignal,
): Promise<AnalysisOutcome> {
  try {
    const { references, lists } = given;
    const parameters = checkedParameters(analysis, given.parameters);
    const reason = reasonNotToRun(analysis, picture) ?? reasonNotToCompare(analysis, references.length);
    if (reason !== null) return withoutFindings('not-run', reason);
    const begun = performance.now();
    if (analysis.needs === 'pixels') await picture.pixels();
    const decoded = performance.now();
    const found = await analysis.run(picture, parameters, signal, references, lists);
    const analysed = performance.now();
    const outcome = await toOutcome(found);
    return {
      ...outcome,
      ms: { decode: decoded - begun, run: analysed - decoded, encode: performance.now() - analysed },
      peakBytes: peakMegabytes() * 2 ** 20,
    };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NotRun) return withoutFindings('not-run', error.message);
    return withoutFindings('failed', AppError.from(error).message);
  }
}

/** All parameters, with defaults for those left out. @throws AppError `invalid_input` */
export function checkedParameters(analysis: Analysis, given: AnalysisParameters): AnalysisParameters {
  const parsed = analysis.parameters.strict().safeParse(given);
  if (parsed.success) return parsed.data as AnalysisParameters;
  const issue = parsed.error.issues[0]!;
  const place = [analysis.name, ...issue.path].join('.');
  throw new AppError('invalid_input', `${place}: ${issue.message}.`);
}

/** Why the picture is not one for this analysis; null where it is. */
function reasonNotToRun(analysis: Analysis, picture: AnalysedPicture): string | null {
  const { formats, needs, minimumSide = 1 } = analysis;
  const { facts, format } = picture;
  if (formats && (format === null || !formats.includes(format)))
    return `It reads only ${formats.join(', ').toUpperCase()} files; this is ${format?.toUpperCase() ?? 'no known picture'}.`;
  if (needs === 'file') return null;
  if (facts === null) return `The pixels cannot be read: ${picture.undecodable!.message}`;
  if (Math.min(facts.width, facts.height) < minimumSide)
    return `It needs at least ${minimumSide} pixels a side; the picture has ${facts.width} by ${facts.height}.`;
  return null;
}

/** Why there is too little to compare with; null where there is enough. */
function reasonNotToCompare({ references }: Analysis, count: number): string | null {
  if (!references || count >= references.least || (count === 0 && !references.required)) return null;
  const there = count === 0 ? 'none was named' : `there ${count === 1 ? 'is 1' : `are ${count}`} besides it`;
  const needed = references.least === 1 ? '' : `at least ${references.least} `;
  return `It compares the picture with ${needed}${references.what}; ${there}.`;
}

async function toOutcome(found: Findings): Promise<Omit<AnalysisOutcome, 'ms' | 'peakBytes'>> {
  const { findings, maps = [], files = [], details = {} } = found;
  if (JSON.stringify(details).length > mostDetails)
    throw new AppError('internal', 'The analysis lists more than can be kept.');
  const encoded: EncodedMap[] = [];
  for (const map of maps) encoded.push(await encode(map));
  return {
    ...{ state: 'ran', reason: null },
    ...{ findings: findings.map((one) => finding.parse(one)), maps: encoded, files, details },
  };
}

async function encode({
  name,
  title,
  unit,
  covers,
  range,
  bits = 16,
  ...pixels
}: FoundMap): Promise<EncodedMap> {
  if (
    pixels.data.length !== pixels.width * pixels.height ||
    pixels.data.some((value) => !Number.isFinite(value))
  )
    throw new AppError('internal', `The map ${name} has values that are no numbers, or not one a pixel.`);
  const { png, ...facts } = await encodeMap(pixels, { bits, range });
  return { name, title, unit, covers, png, ...facts };
}
