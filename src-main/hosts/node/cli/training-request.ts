/** What a training is asked for on the command line and in the file of `--config`: settings, and when it ends. */
import { readFile } from 'node:fs/promises';
import { AppError } from '#contract/errors.ts';
import { stopCondition, type StopCondition } from '#contract/training-run.ts';

export interface ConditionOptions {
  /** File with settings. */
  config?: string;
  steps?: number;
  minutes?: number;
  untilLoss?: number;
  patience?: number;
}

/** Detector steps where the person names no end: those that the method was measured with. */
const defaultSteps = 1100;

async function readConfig(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw AppError.from(cause);
  });
  const hint = 'The file holds one JSON object whose fields are settings of the training.';
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (cause) {
    throw new AppError('invalid_input', `${file} is not JSON: ${(cause as Error).message}.`, { cause, hint });
  }
  throw new AppError('invalid_input', `${file} holds no JSON object.`, { hint });
}

/**
 * Settings of the training, and the conditions under `stop` that end it. An option replaces the same condition of the file;
 * whichever of all is met first ends the run.
 */
export async function trainingRequest(options: ConditionOptions): Promise<{
  stop: StopCondition;
  overrides: Record<string, unknown>;
}> {
  const { config, steps, minutes, untilLoss: lossBelow, patience } = options;
  const { stop: inFile, ...overrides } = config === undefined ? {} : await readConfig(config);
  const given = Object.fromEntries(
    Object.entries({ steps, minutes, lossBelow, patience }).filter(([, value]) => value !== undefined),
  );
  if (inFile === undefined && Object.keys(given).length === 0)
    return { stop: { steps: defaultSteps }, overrides };
  const asked: unknown =
    typeof inFile === 'object' || inFile === undefined ? { ...inFile, ...given } : inFile;
  const read = stopCondition.safeParse(asked);
  if (read.success) return { stop: read.data, overrides };
  const what = read.error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ');
  throw new AppError('invalid_input', `"stop" cannot be used: ${what}.`, {
    hint: 'It may hold steps, minutes, lossBelow and patience.',
  });
}
