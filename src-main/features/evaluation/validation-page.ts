/**
 * The validation page of a model: what it was tested on, how many pictures, how far its ratios can be trusted, and what it
 * cannot judge, in words a person can read out. A category at chance is called inconclusive, whatever the model says of single
 * pictures of it. Markdown.
 */
import type { Model } from '#contract/model.ts';
import type { Estimate } from '#engine/evaluation/tier-calibration.ts';
import { tierWords } from '#features/calibration/outside-validation.ts';
import { timesText } from '#features/calibration/verbal-scale.ts';
import type { CheckedSet, HeldOutCheck, TierCheck, VerdictCounts } from './held-out-check.ts';

/** Ratios that cost at most so much more than perfect ones would on as many pictures, in bits, count as calibrated. */
export const MOST_CALIBRATION_LOSS = 0.05;

const figure = ({ value, interval }: Estimate): string =>
  value === null
    ? 'not defined'
    : `${value.toFixed(2)}${interval ? ` (95 %: ${interval[0].toFixed(2)} to ${interval[1].toFixed(2)})` : ''}`;

const said = ({ simulated, real, inconclusive }: VerdictCounts): string =>
  `${simulated} simulated, ${real} real, ${inconclusive} inconclusive`;

function calibrationSentence({ cllr, cllrMin, calibration }: TierCheck): string {
  if (cllr?.value == null || cllrMin?.value == null || calibration === null)
    return 'It gave no likelihood ratios for held-out pictures of both kinds saved so: they cannot be checked.';
  const { loss, expected, excess } = calibration;
  return (
    `Ratios cost ${cllr.value.toFixed(3)} bits a picture (0 is perfect, 1 says nothing); the best calibration of these very ` +
    `pictures would cost ${cllrMin.value.toFixed(3)}, ${loss.toFixed(3)} less. On as few pictures, ratios that mean exactly what ` +
    `they say would show ${expected.toFixed(3)}. The ${excess.toFixed(3)} that are left are ` +
    (excess <= MOST_CALIBRATION_LOSS
      ? `within ${MOST_CALIBRATION_LOSS}: nothing shows that the ratios overstate or understate.`
      : `above ${MOST_CALIBRATION_LOSS}: the ratios overstate or understate, and should not be relied on.`)
  );
}

/** What the model can do on one category, in one word or a few. */
export function categoryFinding({ atChance, auc }: CheckedSet): string {
  if (atChance) return 'inconclusive: not told from untouched pictures better than by chance';
  if (auc.value! < 0.7) return 'weakly';
  return auc.value! < 0.9 ? 'moderately' : 'well';
}

function tierSection({ passport }: Model, check: TierCheck): string {
  const own = passport.calibration?.tiers.find(({ tier }) => tier === check.tier);
  const rows = check.categories.map(
    (category) =>
      `| ${category.category} | ${category.simulated} | ${figure(category.auc)} | ${categoryFinding(category)} | ${said(category.verdicts.simulated)} |`,
  );
  const wrong = check.verdicts.real.simulated;
  const missed = check.verdicts.simulated.real;
  return [
    `### Saved as ${tierWords[check.tier]}`,
    own
      ? `Calibrated on ${own.counts.realGroups} photographs; no ratio beyond ${timesText(own.bounds.upper)} for simulated or ` +
        `${timesText(own.bounds.lower)} for real is ever reported.`
      : 'Not calibrated: every verdict is inconclusive.',
    calibrationSentence(check),
    `Of ${check.real} untouched pictures it called ${said(check.verdicts.real)}: ${wrong} wrongly. ` +
      `Of ${check.simulated} forged ones, ${said(check.verdicts.simulated)}: ${missed} wrongly.`,
    [
      '| forged by | pictures | AUC against untouched ones | told apart | verdicts |',
      '| --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n'),
  ].join('\n\n');
}

/** What it cannot judge, as found: categories at chance, by tier. */
function atChanceList(check: HeldOutCheck): string[] {
  return check.tiers.flatMap(({ tier, categories }) => {
    const names = categories.filter(({ atChance }) => atChance).map(({ category }) => category);
    return names.length === 0
      ? []
      : [`Saved as ${tierWords[tier]}, forgeries by ${names.join(', ')}: at chance, so inconclusive.`];
  });
}

/** The page as Markdown. @param name what the held-out photographs are called, e.g. "the test split" */
export function validationPage(model: Model, check: HeldOutCheck): string {
  const { passport } = model;
  const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');
  return `${[
    `# What the model "${model.name}" was found to be worth`,
    `Model ${model.id}, SHA-256 ${model.sha256}. Made by Pentimento ${passport.programVersion}.`,
    '## What it was tested on',
    `${check.photographs} ${passport.rendered ? 'rendered scenes' : 'photographs'} of the dataset "${passport.datasetName}" that ` +
      'neither training nor calibration had seen, split by group, every second one first changed a little as a whole (cut off ' +
      'its grid, scaled, blurred, made noisy): each untouched and forged ' +
      `${check.forgeriesEach} times by operations that training does not use, all saved in ${check.tiers.length} ways, ` +
      `${check.pictures} pictures in all. Whole pictures, not crops. Nothing else was tested: other cameras, other sources, other ` +
      'kinds of forgery and generated pictures may behave in any way.',
    ...(passport.validation ? [`Validated and calibrated on ${passport.validation.protocol}`] : []),
    '## What was found',
    ...check.tiers.map((tier) => tierSection(model, tier)),
    '## What it cannot judge',
    list([
      ...atChanceList(check),
      ...passport.cannotJudge,
      'Pictures outside what it was validated on by size, format, JPEG quality, colour or features: it says so and gives no ratio.',
    ]),
    '## How to read a verdict',
    passport.calibration
      ? [
          `Simulated means: ${passport.calibration.propositions.simulated}`,
          `Real means: ${passport.calibration.propositions.real}`,
          `A verdict needs a ratio of at least ${timesText(passport.calibration.band)} between these two; all else is inconclusive. ` +
            'The ratio says nothing of how probable either was before the picture was looked at.',
        ].join('\n\n')
      : 'The model is not calibrated. Every verdict is inconclusive.',
    '## Its limits, as its passport states them',
    list(passport.limits),
  ].join('\n\n')}\n`;
}
