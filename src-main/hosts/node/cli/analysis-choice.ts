/** Which analyses a verb runs, with which parameters, and what they compare with: options of the command line as a request. */
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { AnalysisChoice, AnalysisDescription, ReferenceSource } from '#contract/analysis.ts';
import { AppError } from '#contract/errors.ts';
import { words } from './arguments.ts';

export interface AnalysisOptions {
  only?: string[];
  set?: string[];
  reference?: string[];
  referenceDataset?: string;
  referenceEvidence?: string[];
}

/** The options of `AnalysisOptions`, each with `what` before its description. */
export const analysisOptions = (what: string): Option[] => [
  new Option('--only <names>', `${what}these analyses, between commas (default: all)`).argParser(words),
  new Option('--set <settings...>', `${what}parameters, as error-level.quality=80`),
  new Option(
    '--reference <path...>',
    `${what}files or folders of the pictures that it is compared with, as of the camera in question`,
  ),
  new Option(
    '--reference-dataset <name>',
    `${what}compare with the real pictures of a dataset; NAME@3 is its version 3`,
  ),
  new Option('--reference-evidence <ids>', `${what}compare with items of evidence, between commas`).argParser(
    words,
  ),
];

export function addAnalysisOptions<C extends Command>(command: C, what = ''): C {
  for (const option of analysisOptions(what)) command.addOption(option);
  return command;
}

/** @throws AppError `invalid_input` */
export function analysisChoice(
  options: AnalysisOptions,
  analyses: readonly AnalysisDescription[],
): Required<Omit<AnalysisChoice, 'only'>> & Pick<AnalysisChoice, 'only'> {
  const { only, set = [] } = options;
  const parameters: Record<string, Record<string, ReturnType<typeof asValue>>> = {};
  for (const setting of set) {
    const [, name, field, value] = /^([a-z0-9-]+)\.(\w+)=(.*)$/s.exec(setting) ?? [];
    if (name === undefined || field === undefined || value === undefined)
      throw new AppError('invalid_input', `--set ${setting}: it must be like error-level.quality=80.`);
    (parameters[name] ??= {})[field] = asValue(value);
  }
  const source = referenceSource(options);
  const comparing = analyses.filter(
    ({ name, references }) => references !== null && (only === undefined || only.includes(name)),
  );
  if (source && comparing.length === 0)
    throw new AppError('invalid_input', 'None of these analyses compares the picture with others.');
  return {
    ...(only ? { only } : {}),
    parameters,
    references: source ? Object.fromEntries(comparing.map(({ name }) => [name, source])) : {},
  };
}

/** Numbers and true or false as what they are; everything else as text. */
function asValue(text: string): number | boolean | string {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function referenceSource({
  reference,
  referenceDataset,
  referenceEvidence,
}: AnalysisOptions): ReferenceSource | null {
  if ([reference, referenceDataset, referenceEvidence].filter((given) => given !== undefined).length > 1)
    throw new AppError('invalid_input', 'What to compare with is named in one way only.');
  if (reference) return { kind: 'files', paths: reference.map((path) => resolve(path)) };
  if (referenceEvidence) return { kind: 'evidence', items: referenceEvidence };
  if (referenceDataset === undefined) return null;
  const [, dataset = referenceDataset, version] = /^(.+)@(\d+)$/.exec(referenceDataset) ?? [];
  return { kind: 'dataset', dataset, ...(version === undefined ? {} : { version: Number(version) }) };
}
