/** What ran on a picture, what did not, and why: one row a check, and every row from a record. */
import type { AnalysisResult, FindingSeverity } from '#contract/analysis.ts';
import type { JsonValue } from '#contract/audit.ts';
import { canonicalJson } from '#storage/canonical-json.ts';
import { markup, said, type Html, type Value } from '../markup/html.ts';
import { measured, plural, utc } from '../markup/text.ts';
import { imageKeys, type ReportImages } from '../report-images.ts';
import type { PictureView } from '../report-view.ts';
import { facts, hash, image, legend, table } from './shared.ts';

type Outcome = 'ran' | 'not-run' | 'failed';
const outcomeWords: Record<Outcome, string> = { ran: 'ran', 'not-run': 'not run', failed: 'failed' };
const outcome = (of: Outcome): Html => markup`<strong class="${of}">${outcomeWords[of]}</strong>`;

export const checksSection = (picture: PictureView): Html =>
  markup`<h3>What ran, and what did not</h3>
    ${table(
      ['Check', { head: 'State', name: 't' }, 'Result, or why not', { head: 'When', name: 't' }],
      [
        original(picture),
        detection(picture),
        ...picture.analyses.map(analysed),
        ...picture.notRecorded.map(unrecorded),
      ],
    )}${earlierNote(picture)}`;

function original({ evidence }: PictureView): Value[] {
  const check = 'Bytes of the original against the hash taken in';
  if (!evidence)
    return [check, outcome('not-run'), 'The picture was judged by itself and is no evidence of a case.', ''];
  const result =
    evidence.state === 'intact'
      ? 'The bytes were those taken in.'
      : said(`${evidence.state}: ${evidence.stateReason ?? ''}`);
  return [check, outcome('ran'), result, utc(evidence.checkedAt)];
}

function detection({ verdict, evidence }: PictureView): Value[] {
  const check = 'Detection by a trained model';
  if (verdict) return [check, outcome('ran'), `Verdict: ${verdict.verdict}`, utc(verdict.createdAt)];
  const blocked = evidence && evidence.state !== 'intact';
  const why = blocked
    ? `No run is recorded; it is refused while the original is ${evidence.state}.`
    : 'No run is recorded.';
  return [check, outcome('not-run'), why, ''];
}

function analysed({ title, state, reason, findings, createdAt }: AnalysisResult): Value[] {
  const result = state === 'ran' ? plural(findings.length, 'finding') : said(reason ?? '');
  return [said(title), outcome(state), result, utc(createdAt)];
}

const unrecorded = ({ title }: PictureView['notRecorded'][number]): Value[] => [
  title,
  outcome('not-run'),
  'No run is recorded.',
  '',
];

function earlierNote({ earlier, earlierAnalyses }: PictureView): Html | false {
  if (earlier.length + earlierAnalyses.length === 0) return false;
  return markup`<h3>Earlier results, which are kept</h3>
    ${table(
      ['What', 'Result', { head: 'When', name: 't' }],
      [
        ...earlier.map(({ model, verdict, createdAt }) => [
          markup`Verdict of the model ${said(model.name)}`,
          verdict,
          utc(createdAt),
        ]),
        ...earlierAnalyses.map(({ title, state, createdAt }) => [
          said(title),
          outcomeWords[state],
          utc(createdAt),
        ]),
      ],
    )}`;
}

const severityWords: Record<FindingSeverity, string> = {
  fact: 'Fact',
  notice: 'Worth a look',
  contradiction: 'Contradiction',
  unreadable: 'Unreadable',
};

/** Findings, maps and parameters of the detection and of each analysis. */
export const analysesSection = (picture: PictureView, images: ReportImages): Html =>
  markup`${picture.analyses
    .filter(({ state }) => state === 'ran')
    .map((result) => analysisPart(picture, result, images))}${parametersSection(picture)}`;

function analysisPart(picture: PictureView, result: AnalysisResult, images: ReportImages): Html {
  const { title, findings, maps, analysis } = result;
  return markup`<div class="analysis">
    <h3>${said(title)}</h3>
    ${
      findings.length === 0
        ? markup`<p>It ran and found nothing to report.</p>`
        : table(
            [{ head: 'Finding', name: 't' }, 'What it says'],
            findings.map(({ severity, sentence, area }) => [
              severityWords[severity],
              markup`${said(sentence)}${area && markup` <span class="small">(${area.width} × ${area.height} pixels at ${area.x}, ${area.y})</span>`}`,
            ]),
          )
    }${
      maps.length > 0 &&
      markup`<div class="row">
        ${maps.map(
          ({ title: caption, min, max, unit }, index) =>
            markup`<figure class="maps">
              ${image(images, imageKeys.analysis(picture, analysis, index), caption)}
              <figcaption>${legend(min, max, unit)}${said(caption)}</figcaption>
            </figure>`,
        )}
      </div>`
    }
  </div>`;
}

function parametersSection({ verdict, model, judgedBy, analyses }: PictureView): Html {
  return markup`<h3>Parameters and versions</h3>
    ${facts([
      verdict && [
        'Detection',
        markup`Model ${said(verdict.model.name)} (${hash(verdict.model.sha256)}), run by
        ${said(verdict.provider)}${
          model &&
          `, tiles of ${model.passport.tileSize} pixels cut at multiples of ${model.passport.alignment}`
        };
        Pentimento ${judgedBy ? said(judgedBy) : '(version not recorded)'};
        ${measured(verdict.ms.total / 1000)}
        s${verdict.notes.length > 0 && markup`<div>${said(verdict.notes.join('; '))}</div>`}`,
      ],
      ...analyses.map(
        ({ title, version, programVersion, libraries, parameters }) =>
          [
            title,
            markup`Version ${version}, Pentimento
              ${said(programVersion)}${libraries.map(({ name, version: of }) => markup`, ${said(`${name} ${of}`)}`)}
              <div><code>${canonicalJson(parameters as JsonValue)}</code></div>`,
          ] as const,
      ),
    ])}`;
}
