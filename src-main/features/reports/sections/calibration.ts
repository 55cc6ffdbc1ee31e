/** How a model's scores become ratios, in a report: what that was measured on, and the figures, one column a compression tier. */
import type { Estimate, ModelCalibration, TierCalibration } from '#contract/calibration.ts';
import { tierWords } from '#features/calibration/outside-validation.ts';
import { markup, said, type Html, type Value } from '../markup/html.ts';
import { decimal, plural, ratio, whole } from '../markup/text.ts';
import { facts, table } from './shared.ts';

export function calibrationPart({ tiers, domain, band, propositions, density }: ModelCalibration): Html {
  return markup`<h3>Calibration: from scores to likelihood ratios</h3>
    ${facts([
      ['Simulated', said(propositions.simulated)],
      ['Real', said(propositions.real)],
      ['A verdict needs', `a ratio of at least ${ratio(band)} to 1, either way`],
      [
        'Validated on',
        `pictures of ${whole(domain.pixels.least)} to ${whole(domain.pixels.most)} pixels, ${plural(domain.coloured, 'group')} in colour and ${whole(domain.grey)} without${domain.rendered ? ', all scenes that the program rendered' : ''}`,
      ],
      [
        'Pictures unlike those',
        density ? 'are told by their features' : 'are not told by their features: too little data',
      ],
    ])}
    <div class="tiers">
      <h3>What was measured, by how the picture is saved</h3>
      ${tiers
        .filter(({ atChance }) => atChance)
        .map(
          ({ tier }) =>
            markup`<p class="bad"><strong>${tierWords[tier]}:</strong> the model does not tell forged from untouched pictures of this kind; it gives no ratio for them.</p>`,
        )}
      ${table(
        ['', ...tiers.map(({ tier }) => tierWords[tier])],
        rowsOf(tiers).map(([name, cell]) => [name, ...tiers.map(cell)]),
      )}
      <p class="small">
        In brackets: 95\u00a0% intervals, by the bootstrap over groups. AUC and average precision: 1 is
        perfect; an AUC of .5 is chance. Equal error rate: 0 is perfect, .5 is chance. Cllr: the cost of the
        ratios on pictures not calibrated on; 0 is perfect, 1 says nothing; what the calibration loses is its
        difference to the least possible.
      </p>
    </div>`;
}

type Row = [name: Value, cell: (tier: TierCalibration) => Value];

function rowsOf(tiers: readonly TierCalibration[]): Row[] {
  const kinds = [...new Set(tiers.flatMap(({ categories }) => categories.map(({ category }) => category)))];
  return [
    ['Untouched pictures', ({ counts }) => `${whole(counts.real)} (${plural(counts.realGroups, 'group')})`],
    [
      'Forged pictures',
      ({ counts }) => `${whole(counts.simulated)} (${plural(counts.simulatedGroups, 'group')})`,
    ],
    ['Furthest ratio for real', ({ bounds }) => `${ratio(bounds.lower)} to 1`],
    ['Furthest ratio for simulated', ({ bounds }) => `${ratio(bounds.upper)} to 1`],
    ['AUC', ({ figures }) => estimated(figures.auc)],
    ['Average precision', ({ figures }) => estimated(figures.ap)],
    ['Equal error rate', ({ figures }) => estimated(figures.eer)],
    ['Cllr', ({ figures }) => estimated(figures.cllr)],
    ['Cllr, least possible', ({ figures }) => estimated(figures.cllrMin)],
    ...kinds.map((kind): Row => [markup`AUC of forgeries: ${said(kind)}`, ofKind(kind)]),
  ];
}

const ofKind =
  (kind: string) =>
  ({ categories }: TierCalibration): Value => {
    const of = categories.find(({ category }) => category === kind);
    if (!of) return 'none of this kind';
    return markup`${estimated(of.auc)}, ${plural(of.simulated, 'picture')}${of.atChance && markup`<div><strong>not told from untouched</strong></div>`}`;
  };

const estimated = ({ value, interval }: Estimate): string =>
  value === null
    ? 'not measured'
    : `${decimal(value, 3)} (${interval ? `${decimal(interval[0], 3)} to ${decimal(interval[1], 3)}` : 'no interval: too few pictures'})`;
