/** The models of a report, from the passports in their files: what they were trained and validated on, and their limits. */
import type { ModelPassport } from '#contract/model.ts';
import { markup, said, type Html } from '../markup/html.ts';
import { decimal, plural, utc, whole } from '../markup/text.ts';
import type { ModelView, ReportView } from '../report-view.ts';
import { calibrationPart } from './calibration.ts';
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

const limitsPart = ({ limits, cannotJudge }: ModelPassport): Html =>
  markup`<h3>What it cannot judge, and its limits</h3>
    ${
      limits.length + cannotJudge.length === 0
        ? markup`<p>Its passport names none, which is itself a reason for care.</p>`
        : bullets([...cannotJudge.map((line) => markup`It cannot judge: ${said(line)}`), ...limits.map(said)])
    }`;
