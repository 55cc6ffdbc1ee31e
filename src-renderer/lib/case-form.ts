/** The form of a case: what a person typed, checked and turned into what the host takes. */
import type { CaseRecord, NewCase } from '#contract/case.ts';
import { tag } from '#contract/tag.ts';
import { casesText } from './text/cases.ts';

export type CaseForm = { name: string; number: string; examiner: string; tags: string; notes: string };
export type CaseFormErrors = Partial<Record<'name' | 'tags', string>>;

export const caseForm = (of?: CaseRecord): CaseForm => ({
  name: of?.name ?? '',
  number: of?.number ?? '',
  examiner: of?.examiner ?? '',
  tags: of?.tags.join(', ') ?? '',
  notes: of?.notes ?? '',
});

/** The case, or what is wrong with each field. */
export function readCaseForm(
  form: CaseForm,
): { fields: Required<NewCase>; errors: null } | { fields: null; errors: CaseFormErrors } {
  const errors: CaseFormErrors = {};
  const name = form.name.trim();
  const tags = form.tags
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (name === '' || name.length > 120) errors.name = casesText.form.needName;
  if (tags.some((one) => !tag.safeParse(one).success)) errors.tags = casesText.form.badTag;
  if (Object.keys(errors).length > 0) return { fields: null, errors };
  const { number, examiner, notes } = form;
  return { fields: { name, number: number.trim(), examiner: examiner.trim(), tags, notes }, errors: null };
}
