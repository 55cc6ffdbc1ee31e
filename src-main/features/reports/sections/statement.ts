/** The statement on a picture: the verdict, the propositions that it compares, the ratio with its bounds, and its limits. */
import type { Verdict } from '#contract/detection.ts';
import { changeWords, outcomeWords } from '#contract/stability.ts';
import { tierWords } from '#features/calibration/outside-validation.ts';
import { markup, said, type Html, type Value } from '../markup/html.ts';
import { decimal, ratio } from '../markup/text.ts';
import type { PictureView } from '../report-view.ts';
import { explanationSection } from './explanation.ts';
import { table, verdictChip } from './shared.ts';

/** In favour of which proposition, and how much; a word where there is no ratio. */
export function ratioText({ verdict, model }: PictureView): string {
  if (!verdict) return 'none: not judged';
  const { llr, statement } = verdict;
  if (llr !== null) return `${ratio(llr)} to 1 for ${llr >= 0 ? 'simulated' : 'real'}`;
  return statement || model?.passport.calibration ? 'none for this picture' : 'not calibrated';
}

export function statementSection(picture: PictureView): Html {
  const { verdict } = picture;
  if (!verdict)
    return markup`<div class="statement">
      <p class="big">${verdictChip(null)}</p>
      <p>No verdict of a model on this picture is recorded.</p>
    </div>`;
  return markup`<div class="statement">
      <p class="big">${verdictChip(verdict.verdict)} Likelihood ratio: ${ratioText(picture)}</p>
      <p>${said(verdict.reason)}</p>
      <dl>
        ${terms(verdict).map(
          ([term, value]) =>
            markup`<dt>${term}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>
    </div>
    ${stabilitySection(verdict)}${explanationSection(verdict)}${limitsOf(picture)}`;
}

function terms({ score, tiles, llr, statement }: Verdict): (readonly [string, Value])[] {
  const spread = `${decimal(score, 3)}, over ${tiles} tiles: natural log odds of the network, not a probability`;
  if (!statement)
    return [
      ['Score', spread],
      ['Propositions', 'none: the model is not calibrated, so its score compares none'],
    ];
  const { propositions, tier, bounds, band, cut, verbal } = statement;
  return [
    ['Simulated', said(propositions.simulated)],
    ['Real', said(propositions.real)],
    ['In words', verbal === null ? 'no ratio can be stated' : said(verbal)],
    ['Natural log of the ratio', llr === null ? 'none' : decimal(llr, 2)],
    [
      'Furthest ratios supported',
      bounds === null
        ? 'none: the picture lies outside what the model was validated on'
        : `${ratio(bounds.lower)} to 1 for real, ${ratio(bounds.upper)} to 1 for simulated, by the amount of validation data${cut ? '; the ratio was cut to them' : ''}`,
    ],
    ['A verdict needs', `a ratio of at least ${ratio(band)} to 1, either way`],
    ['Compared with', tier === null ? 'no validation pictures saved like this one' : tierWords[tier]],
    ['Score', spread],
  ];
}

/** Whether the verdict holds under small changes of the picture, change by change. */
function stabilitySection({ stability, statement }: Verdict): Html | false {
  if (!stability)
    return (
      statement !== null &&
      markup`<h3>Under small changes of the picture</h3>
        <p>It was not looked at whether the statement holds under them.</p>`
    );
  const { reason, rows, version, parameters } = stability;
  const number = (value: number | null): string => (value === null ? 'none' : decimal(value, 2));
  return markup`<h3>Under small changes of the picture</h3>
    <p>${said(reason)}</p>
    ${
      rows.length > 0 &&
      table(
        ['When the picture is', 'Score', 'Log ratio', 'The verdict'],
        rows.map((row) => [
          changeWords(row),
          number(row.score),
          number(row.llr),
          row.outcome === null ? '' : outcomeWords[row.outcome],
        ]),
        'dense',
      )
    }
    <p class="small">
      Rule ${version}: judged anew after each change, saved again ${parameters.saved}. It stands against a
      verdict when a ratio speaks for the other side by ${ratio(parameters.opposite)} to 1, when it falls
      inside the band after a mild change although the validation data could carry the verdict, and when
      fewer than ${Math.round(100 * parameters.share)} % of the mild changes leave a ratio.
    </p>`;
}

function limitsOf({ verdict, model }: PictureView): Html {
  const own = [...new Set([...(verdict?.statement?.obstacles ?? []), ...(verdict?.statement?.limits ?? [])])];
  const passport = model?.passport;
  const general = [
    ...(passport?.cannotJudge ?? []).map((line) => `It cannot judge: ${line}`),
    ...(passport?.limits ?? []),
  ];
  if (own.length + general.length === 0)
    return markup`<h3>Limits of this statement</h3>
      <p>The model names none, which is itself a reason for care.</p>`;
  return markup`<h3>Limits of this statement</h3>
    <ul class="limits">
      ${[...own, ...general].map((line) => markup`<li>${said(line)}</li>`)}
    </ul>`;
}
