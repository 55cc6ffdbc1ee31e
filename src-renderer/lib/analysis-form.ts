/** The form of analyses: fields from the schemas of their parameters, what they compare with, and both as a request. */
import type {
  AnalysisChoice,
  AnalysisDescription,
  AnalysisParameters,
  ReferenceSource,
} from '#contract/analysis.ts';
import { analysisText } from './text/analysis.ts';

export type AnalysisField = {
  name: string;
  /** What it is, in the words of the analysis. */
  label: string;
  kind: 'number' | 'choice' | 'switch' | 'text';
  options: readonly string[];
  /** Bounds of a number, as the browser's field takes them; absent where there are none. */
  min: number | undefined;
  max: number | undefined;
  step: number | 'any';
  start: string;
};

export type ReferenceForm = {
  kind: 'none' | ReferenceSource['kind'];
  path: string;
  dataset: string;
  items: string[];
};
export type AnalysisForm = {
  chosen: boolean;
  /** What each field holds, by name. */
  values: Record<string, string>;
  reference: ReferenceForm;
};

type Schema = {
  type?: string;
  enum?: readonly string[];
  description?: string;
  default?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  multipleOf?: number;
};

/** Fields of an analysis, in the order of its schema. */
export function analysisFields({ parameters }: AnalysisDescription): AnalysisField[] {
  const properties = (parameters['properties'] ?? {}) as unknown as Record<string, Schema>;
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    label: schema.description ?? name,
    kind: kindOf(schema),
    options: schema.enum ?? [],
    min: schema.minimum ?? schema.exclusiveMinimum,
    max: schema.maximum,
    step: schema.multipleOf ?? (schema.type === 'integer' ? 1 : 'any'),
    start: String(schema.default ?? ''),
  }));
}

function kindOf({ type, enum: options }: Schema): AnalysisField['kind'] {
  if (options) return 'choice';
  if (type === 'boolean') return 'switch';
  return type === 'number' || type === 'integer' ? 'number' : 'text';
}

/** As the analysis last ran in the case, or with its defaults. */
export function analysisForm(
  description: AnalysisDescription,
  last: Pick<AnalysisChoice, 'parameters' | 'references'>,
): AnalysisForm {
  const { name, references } = description;
  const parameters: AnalysisParameters | undefined = last.parameters?.[name];
  const values = analysisFields(description).map((field) => [
    field.name,
    String(parameters?.[field.name] ?? field.start),
  ]);
  const source = references ? last.references?.[name] : undefined;
  return {
    chosen: parameters !== undefined,
    values: Object.fromEntries(values) as Record<string, string>,
    reference: {
      kind: source?.kind ?? 'none',
      path: source?.kind === 'files' ? source.paths[0]! : '',
      dataset: source?.kind === 'dataset' ? source.dataset : '',
      items: source?.kind === 'evidence' ? [...source.items] : [],
    },
  };
}

/** What is wrong, by `analysis.field`, or by `analysis` where it is what to compare with. */
export type AnalysisFormErrors = Record<string, string>;

/** The chosen analyses as a request, or what is wrong with it. */
export function readAnalysisForms(
  forms: Readonly<Record<string, AnalysisForm>>,
  analyses: readonly AnalysisDescription[],
): { choice: AnalysisChoice; errors: null } | { choice: null; errors: AnalysisFormErrors } {
  const errors: AnalysisFormErrors = {};
  const parameters: Record<string, AnalysisParameters> = {};
  const references: Record<string, ReferenceSource> = {};
  for (const description of analyses) {
    const { name } = description;
    const form = forms[name];
    if (!form?.chosen) continue;
    const values: AnalysisParameters = {};
    for (const field of analysisFields(description)) {
      const value = valueOf(field, form.values[field.name] ?? '');
      if (value === null) errors[`${name}.${field.name}`] = analysisText.form.bounds(field.min, field.max);
      else values[field.name] = value;
    }
    parameters[name] = values;
    const source = description.references ? sourceOf(form.reference) : null;
    if (source === 'missing') errors[name] = analysisText.form.needReference;
    else if (source) references[name] = source;
    else if (description.references?.required) errors[name] = analysisText.form.needReference;
  }
  if (Object.keys(errors).length > 0) return { choice: null, errors };
  return { choice: { only: Object.keys(parameters), parameters, references }, errors: null };
}

function valueOf({ kind, min, max, step }: AnalysisField, text: string): string | number | boolean | null {
  if (kind === 'switch') return text === 'true';
  if (kind !== 'number') return text;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || (step === 1 && !Number.isInteger(value))) return null;
  return value < (min ?? -Infinity) || value > (max ?? Infinity) ? null : value;
}

function sourceOf({ kind, path, dataset, items }: ReferenceForm): ReferenceSource | 'missing' | null {
  switch (kind) {
    case 'none':
      return null;
    case 'files':
      return path.trim() === '' ? 'missing' : { kind, paths: [path.trim()] };
    case 'dataset':
      return dataset === '' ? 'missing' : { kind, dataset };
    case 'evidence':
      return items.length === 0 ? 'missing' : { kind, items: [...items] };
  }
}
