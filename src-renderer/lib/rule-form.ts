/** The form of a rule of triage: what a person typed, checked and turned into the rule that the host takes. */
import type { VerdictLabel } from '#contract/detection.ts';
import { triageRule, type TriageRule } from '#contract/triage.ts';
import { triageText } from './text/triage.ts';

const numbers = ['scoreFrom', 'scoreTo', 'llrFrom', 'llrTo'] as const;
const words = ['category', 'camera', 'takenFrom', 'takenTo'] as const;
export type RuleField = 'pile' | (typeof numbers)[number] | (typeof words)[number];

/** Fields that are empty ask nothing; a rule without verdicts takes any. */
export type RuleForm = Record<RuleField, string> & {
  /** Tells the rules of one form apart; no rule holds it. */
  key: number;
  verdict: readonly VerdictLabel[];
};
export type RuleErrors = Partial<Record<RuleField, string>>;

const text = triageText.rulesDialog;
let made = 0;

export const ruleForm = (of: Partial<TriageRule> = {}): RuleForm => {
  const shown = (field: RuleField): string => (of[field] === undefined ? '' : String(of[field]));
  return {
    ...{ key: ++made, verdict: of.verdict ?? [], pile: shown('pile') },
    ...{ scoreFrom: shown('scoreFrom'), scoreTo: shown('scoreTo') },
    ...{ llrFrom: shown('llrFrom'), llrTo: shown('llrTo') },
    ...{ category: shown('category'), camera: shown('camera') },
    ...{ takenFrom: shown('takenFrom'), takenTo: shown('takenTo') },
  };
};

const sentenceOf = (field: RuleField): string =>
  field === 'pile'
    ? text.needPile
    : field === 'takenFrom' || field === 'takenTo'
      ? text.needDate
      : text.needNumber;

/** The rule, or what is wrong with each field. */
export function readRuleForm(
  form: RuleForm,
): { rule: TriageRule; errors: null } | { rule: null; errors: RuleErrors } {
  const filled = (fields: readonly RuleField[]) => fields.filter((field) => form[field].trim() !== '');
  const read = triageRule.safeParse({
    pile: form.pile.trim(),
    ...(form.verdict.length > 0 ? { verdict: form.verdict } : {}),
    ...Object.fromEntries(
      filled(numbers).map((field) => [field, Number(form[field].trim().replace('\u2212', '-'))]),
    ),
    ...Object.fromEntries(filled(words).map((field) => [field, form[field].trim()])),
  });
  if (read.success) return { rule: read.data, errors: null };
  const wrong = read.error.issues.map(({ path }) => path[0] as RuleField);
  return { rule: null, errors: Object.fromEntries(wrong.map((field) => [field, sentenceOf(field)])) };
}
