/** What each analysis that ran on a picture found: its findings, its maps, and what it was run with. */
import type { AnalysisResult, FindingSeverity } from '#contract/analysis.ts';
import type { JsonValue } from '#contract/audit.ts';
import { canonicalJson } from '#storage/canonical-json.ts';
import { markup, said, type Html } from '../markup/html.ts';
import { utc } from '../markup/text.ts';
import { imageKeys, type ReportImages } from '../report-images.ts';
import type { PictureView } from '../report-view.ts';
import { image, legend, mapRow } from './shared.ts';

const severityWords: Record<FindingSeverity, string> = {
  fact: 'Fact',
  notice: 'Worth a look',
  contradiction: 'Contradiction',
  unreadable: 'Unreadable',
};

/** So many maps stand beside the findings; more stand below them. */
const besideAtMost = 2;

export const analysesSection = (picture: PictureView, images: ReportImages): Html[] =>
  picture.analyses
    .filter(({ state }) => state === 'ran')
    .map((result) => analysisPart(picture, result, images));

function analysisPart(picture: PictureView, result: AnalysisResult, images: ReportImages): Html {
  const { title, maps, analysis } = result;
  const figures = maps.map(
    ({ title: caption, min, max, unit }, index) =>
      markup`<figure class="maps">
        ${image(images, imageKeys.analysis(picture, analysis, index), caption)}
        <figcaption>${legend(min, max, unit)}${said(caption)}</figcaption>
      </figure>`,
  );
  const beside = figures.length > 0 && figures.length <= besideAtMost;
  return markup`<div class="analysis">
    <h3>${said(title)}</h3>
    ${
      beside
        ? markup`<div class="beside with-${figures.length}">
            <div>${findingsPart(result)}</div>
            ${figures}
          </div>`
        : [findingsPart(result), mapRow(figures)]
    }
  </div>`;
}

const findingsPart = (result: AnalysisResult): Html =>
  markup`${
    result.findings.length === 0
      ? markup`<p>It ran and found nothing to report.</p>`
      : markup`<dl class="findings">
          ${result.findings.map(
            ({ severity, sentence, area }) =>
              markup`<dt class="${severity}">${severityWords[severity]}</dt>
                <dd>${said(sentence)}${area && markup` <span class="small">(${area.width} × ${area.height} pixels at ${area.x}, ${area.y})</span>`}</dd>`,
          )}
        </dl>`
  }${runLine(result)}`;

/** What it was run with, and when, on a line of its own. */
export const runLine = ({
  version,
  programVersion,
  libraries,
  parameters,
  createdAt,
}: AnalysisResult): Html => {
  const set = canonicalJson(parameters as JsonValue);
  return markup`<p class="small">
    Version ${version}, Pentimento
    ${said(programVersion)}${libraries.map(({ name, version: of }) => markup`, ${said(`${name} ${of}`)}`)};
    ${utc(createdAt)}${set !== '{}' && markup`; <code>${set}</code>`}
  </p>`;
};
