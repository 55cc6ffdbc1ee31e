/** The front of a report: what it is of, who made it, the findings at a glance, and how to read them. */
import { markup, prose, said, type Html } from '../markup/html.ts';
import { plural, utc } from '../markup/text.ts';
import type { ReportImages } from '../report-images.ts';
import { imageKeys } from '../report-images.ts';
import type { PictureView, ReportView } from '../report-view.ts';
import { facts, image, table, verdictChip } from './shared.ts';
import { ratioText } from './statement.ts';

export type Varying = { writtenAt: number; log: { entries: number; hash: string } };

export const titleOf = ({ case: one, pictures }: ReportView): string =>
  one ? `Case ${one.name}` : `Picture ${pictures[0]?.name ?? ''}`;

/** Who reviewed, in the order in which they first did. */
const reviewers = ({ pictures }: ReportView): string[] => [
  ...new Set(pictures.flatMap(({ reviews }) => reviews.map(({ examiner }) => examiner))),
];

export function front(view: ReportView, { writtenAt }: Varying): Html {
  const { data, case: one, pictures } = view;
  const [first, ...others] = reviewers(view);
  const some = one !== null && pictures.length < data.picturesInCase;
  return markup`<header class="title">
      <p class="kind">Pentimento: report of an examination of pictures</p>
      <h1>${said(titleOf(view))}</h1>
    </header>
    ${facts([
      one && one.number !== '' && ['Number of the case', said(one.number)],
      one && ['Examiner of the case', one.examiner === '' ? 'not recorded' : said(one.examiner)],
      ['First review by', first === undefined ? 'no review by an examiner is recorded' : said(first)],
      [
        'Second review by',
        others.length === 0 ? 'none is recorded' : others.map((name, at) => [at > 0 && ', ', said(name)]),
      ],
      ['This report written by', said(data.examiner)],
      ['Written', markup`<time data-varies="written">${utc(writtenAt)}</time>`],
      ['Program', `Pentimento ${data.programVersion}`],
      [
        'Pictures',
        some
          ? `${plural(pictures.length, 'picture')} of the ${data.picturesInCase} in the case`
          : plural(pictures.length, 'picture'),
      ],
      one && ['Status of the case', one.status],
      one && one.tags.length > 0 && ['Tags', one.tags.map((tag, at) => [at > 0 && ', ', said(tag)])],
      one && one.notes !== '' && ['Notes', prose(one.notes)],
    ])}`;
}

export const contents = ({ pictures, models }: ReportView): Html =>
  markup`<h2 id="contents">Contents</h2>
    <ul class="contents">
      <li><a href="#findings">Findings at a glance</a></li>
      <li><a href="#reading">How to read this report</a></li>
      <li><a href="#evidence">Evidence and its hashes</a></li>
      ${pictures.map(
        ({ number, name }) =>
          markup`<li><a href="#picture-${number}">Picture ${number}: ${said(name)}</a></li>`,
      )}${models.length > 0 && markup`<li><a href="#models">The model and how it was validated</a></li>`}
      <li><a href="#log">Extract of the audit log</a></li>
      <li><a href="#checking">How to check this report</a></li>
    </ul>`;

export const findings = (view: ReportView, images: ReportImages): Html =>
  markup`<h2 id="findings">Findings at a glance</h2>
    ${table(
      [
        { head: 'No.', name: 'n' },
        { head: '', name: 'thumb' },
        { head: 'Picture', name: 'name' },
        "The program's verdict",
        'Likelihood ratio',
        'Reviews by examiners',
      ],
      view.pictures.map((picture) => [
        markup`<a href="#picture-${picture.number}">${picture.number}</a>`,
        image(images, imageKeys.thumbnail(picture), ''),
        said(picture.name),
        verdictChip(picture.verdict?.verdict ?? null),
        ratioText(picture),
        reviewWords(picture),
      ]),
    )}`;

function reviewWords({ reviews }: PictureView): Html {
  if (reviews.length === 0) return markup`none`;
  const lines = reviews.map(
    ({ examiner, conclusion }) =>
      markup`<div>${said(examiner)}: ${conclusion ? conclusion.verdict : 'sealed'}</div>`,
  );
  return markup`${lines}${disagree(reviews) && markup`<div><strong>They disagree.</strong></div>`}`;
}

/** Whether two open reviews conclude differently. */
export const disagree = (reviews: PictureView['reviews']): boolean =>
  new Set(reviews.flatMap(({ conclusion }) => (conclusion ? [conclusion.verdict] : []))).size > 1;

export const reading = (): Html =>
  markup`<h2 id="reading">How to read this report</h2>
    <p>
      Everything here was recorded when it happened; nothing was computed for the report except that pictures
      and maps were reduced to fit the page. A check that is not recorded did not run, and is listed as such.
    </p>
    <p>
      <strong>Verdict.</strong> <em>Simulated</em> means manipulated or generated, in whole or in part;
      <em>real</em> means that nothing of the kind was found where the model could have found it;
      <em>inconclusive</em> means that the result supports neither. A verdict is the output of an instrument
      with known and limited accuracy. It is not a finding on who made a picture, when, or why, nor on what it
      shows.
    </p>
    <p>
      <strong>Likelihood ratio.</strong> How many times more probable the score is if one proposition is true
      than if the other is, as measured on validation pictures. It is not the probability that either
      proposition is true. Where the model is <em>not calibrated</em> there is no ratio, and its score is not
      a probability.
    </p>
    <p>
      <strong>Maps.</strong> They show where in the picture the model or an analysis responded. Bright parts
      are places to look at; they prove nothing by themselves.
    </p>`;
