/** The import and scene forms: what a person typed, checked and turned into a request. */
import type { DatasetLabel, GroupBy, ImportRequest } from '#contract/dataset.ts';
import { boundedNumber } from './run-form.ts';
import { datasetsText } from './text/datasets.ts';

export type ImportForm = {
  path: string;
  dataset: string;
  label: DatasetLabel;
  category: string;
  groupBy: GroupBy;
};
export type ImportFormErrors = Partial<Record<'path' | 'dataset' | 'category', string>>;

/** The import request, or what is wrong with each field. */
export function readImportForm(
  form: ImportForm,
): { request: ImportRequest; errors: null } | { request: null; errors: ImportFormErrors } {
  const text = datasetsText.importDialog;
  const dataset = form.dataset.trim();
  const category = form.category.trim();
  const errors: ImportFormErrors = {};
  if (form.path.trim() === '') errors.path = text.needPath;
  if (dataset === '') errors.dataset = text.needName;
  if (dataset.length > 120) errors.dataset = text.longName;
  if (category.length > 80) errors.category = text.longCategory;
  if (Object.keys(errors).length > 0) return { request: null, errors };
  const request = { paths: [form.path], dataset, label: form.label, groupBy: form.groupBy };
  return { request: category === '' ? request : { ...request, category }, errors: null };
}

export type ScenesForm = { dataset: string; count: string; seed: string };
export type ScenesRequest = { dataset: string; count: number; seed: number };
export type ScenesFormErrors = Partial<Record<'dataset' | 'count' | 'seed', string>>;

/** The request for rendered scenes, or what is wrong with each field. */
export function readScenesForm(
  form: ScenesForm,
): { request: ScenesRequest; errors: null } | { request: null; errors: ScenesFormErrors } {
  const text = datasetsText.scenesDialog;
  const dataset = form.dataset.trim();
  const count = boundedNumber(form.count, { min: 1, max: 2000, whole: true });
  const seed = boundedNumber(form.seed, { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true });
  const errors: ScenesFormErrors = {};
  if (dataset === '') errors.dataset = datasetsText.importDialog.needName;
  if (dataset.length > 120) errors.dataset = datasetsText.importDialog.longName;
  if (count === null) errors.count = text.needCount;
  if (seed === null) errors.seed = text.needSeed;
  if (Object.keys(errors).length > 0 || count === null || seed === null) return { request: null, errors };
  return { request: { dataset, count, seed }, errors: null };
}
