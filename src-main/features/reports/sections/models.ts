/** The models of a report, from the passports in their files: what they were trained and validated on, and their limits. */
import type { Estimate, ModelCalibration, TierCalibration } from '#contract/calibration.ts';
import type { ModelPassport } from '#contract/model.ts';
import { tierWords } from '#features/calibration/outside-validation.ts';
import { markup, said, type Html } from '../markup/html.ts';
import { decimal, plural, ratio, utc, whole } from '../markup/text.ts';
import type { ModelView, ReportView } from '../report-view.ts';
import { bullets, facts, hash, table } from './shared.ts';

export const modelsSection = ({ models }: ReportView): Html | false =>
  models.length > 0 &&
  markup`<h2 id="models">The model and how it was validated</h2>
    ${models.map(modelPart)}`;

function modelPart({ id, name, sha256, bytes, passport }: ModelView): Html {
  const { datasetVersion, data } = passport;
  return markup`<h3>${said(name)}</h3>
    ${validationPart(passport)}${facts([
      ['SHA-256 of its file', hash(sha256)],
      ['Size', `${whole(bytes)} bytes`],
      ['Id', id],
      [
        'Method and program',
        markup`${said(passport.methodVersion)}, made by Pentimento ${said(passport.programVersion)} on
        ${utc(passport.createdAt)}`,
      ],
      [
        'Trained on',
        markup`${said(passport.datasetName)}${datasetVersion && `, version ${datasetVersion.number}`}${passport.rendered && ' (scenes that the program rendered, no photographs)'}`,
      ],
      ['Manifest of that data', hash(passport.datasetManifestHash)],
      data && [
        'Pictures of that data',
        `${whole(data.real)} real, ${whole(data.reference)} reference, ${whole(data.simulated)} simulated`,
      ],
      ['Configuration of the training', hash(passport.trainingConfigHash)],
      ['Steps and seed', `${whole(passport.detectorSteps)} steps, seed ${passport.seed}`],
      [
        'Network',
        `${plural(passport.kernels, 'kernel')}, tiles of ${passport.tileSize} pixels, frequency branches: ${passport.frequencyBands}, generator: ${passport.generatorMode}`,
      ],
    ])}${limitsPart(passport)}`;
}

function validationPart({ validation, calibration, scoreAggregation, aggregation }: ModelPassport): Html {
  const calibrated = calibration
    ? calibrationPart(calibration)
    : markup`<p class="warn">
        <strong>Not calibrated.</strong> No map from scores to likelihood ratios was made for this model. Its
        score is no probability, and no ratio can be stated.
      </p>`;
  if (!validation)
    return markup`${calibrated}
      <p class="bad">
        <strong>Not validated.</strong> The model carries no measurement on pictures that it had not seen.
      </p>`;
  const { realCount, simulatedCount, auc, aucInterval, protocol } = validation;
  return markup`${calibrated}${facts([
    [
      'Validated on',
      `${whole(realCount)} untouched and ${whole(simulatedCount)} forged pictures that it was not trained on`,
    ],
    [
      'Area under the ROC curve',
      auc === null
        ? 'not measured'
        : `${decimal(auc, 3)}${aucInterval ? ` (95\u00a0% interval ${decimal(aucInterval[0], 3)} to ${decimal(aucInterval[1], 3)})` : ', without an interval'}; .5 is chance, 1 is perfect`,
    ],
    ['How the forgeries were made', said(protocol)],
    ['Score of a picture', `${scoreAggregation} of the logits of its tiles`],
    ['Chosen by', aggregation ? said(aggregation.criterion) : 'nobody: there was no choice'],
  ])}
  ${
    aggregation &&
    table(
      ['Score', { head: 'AUC', name: 'n' }, { head: 'Held-out Cllr', name: 'n' }],
      aggregation.candidates.map(({ name, auc: area, cllr }) => [name, decimal(area, 3), decimal(cllr, 3)]),
    )
  }`;
}

/** What the ratios were measured on, tier by tier. */
function calibrationPart({ tiers, domain, band, propositions, density }: ModelCalibration): Html {
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
    ${tiers.map(tierPart)}`;
}

function tierPart({ tier, counts, bounds, figures, categories, atChance }: TierCalibration): Html {
  const { auc, ap, eer, cllr, cllrMin } = figures;
  return markup`<h3>${tierWords[tier]}</h3>
    ${atChance && markup`<p class="bad">The model does not tell forged from untouched pictures of this kind; it gives no ratio for them.</p>`}
    ${facts([
      [
        'Pictures',
        `${whole(counts.real)} untouched (${plural(counts.realGroups, 'group')}), ${whole(counts.simulated)} forged (${plural(counts.simulatedGroups, 'group')})`,
      ],
      [
        'Furthest ratios supported',
        `${ratio(bounds.lower)} to 1 for real, ${ratio(bounds.upper)} to 1 for simulated`,
      ],
    ])}
    ${table(
      ['Figure', { head: 'Value', name: 'n' }, '95\u00a0% interval', 'What it says'],
      [
        ['AUC', ...estimated(auc), '.5 is chance, 1 is perfect'],
        ['Average precision', ...estimated(ap), '1 is perfect'],
        ['Equal error rate', ...estimated(eer), '0 is perfect, .5 is chance'],
        [
          'Cllr',
          ...estimated(cllr),
          'cost of the ratios on pictures not calibrated on; 0 is perfect, 1 says nothing',
        ],
        ['Cllr, least possible', ...estimated(cllrMin), 'what is lost is the difference to the line above'],
      ],
    )}
    ${
      categories.length > 0 &&
      table(
        [
          'Kind of forgery',
          { head: 'Pictures', name: 'n' },
          { head: 'AUC', name: 'n' },
          '95\u00a0% interval',
          '',
        ],
        categories.map((of) => [
          said(of.category),
          whole(of.simulated),
          ...estimated(of.auc),
          of.atChance && markup`<strong>not told from untouched</strong>`,
        ]),
      )
    }`;
}

const estimated = ({ value, interval }: Estimate): [string, string] => [
  value === null ? 'not measured' : decimal(value, 3),
  interval ? `${decimal(interval[0], 3)} to ${decimal(interval[1], 3)}` : 'none: too few pictures',
];

const limitsPart = ({ limits, cannotJudge }: ModelPassport): Html =>
  markup`<h3>What it cannot judge, and its limits</h3>
    ${
      limits.length + cannotJudge.length === 0
        ? markup`<p>Its passport names none, which is itself a reason for care.</p>`
        : bullets([...cannotJudge.map((line) => markup`It cannot judge: ${said(line)}`), ...limits.map(said)])
    }`;
