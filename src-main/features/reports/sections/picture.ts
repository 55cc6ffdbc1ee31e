/** One picture of a report: the statement on it, the file, the maps, reviews, what ran and what did not, and what that found. */
import type { Verdict } from '#contract/detection.ts';
import type { MapReference } from '#contract/media.ts';
import { markup, prose, said, type Html } from '../markup/html.ts';
import { measured, utc, utcLines, whole } from '../markup/text.ts';
import { imageKeys, type ReportImages } from '../report-images.ts';
import type { PictureView } from '../report-view.ts';
import { analysesSection } from './analyses.ts';
import { checksSection } from './checks.ts';
import { disagree } from './front.ts';
import { bullets, facts, hash, image, legend, mapRow, table, verdictChip } from './shared.ts';
import { statementSection } from './statement.ts';

export const pictureSection = (picture: PictureView, images: ReportImages): Html =>
  markup`<section class="picture" id="picture-${picture.number}">
    <h2>Picture ${picture.number}: ${said(picture.name)}</h2>
    ${originalWarning(picture)}${statementSection(picture)}${fileSection(picture)}${mapsSection(picture, images)}${regionsSection(picture)}${reviewsSection(picture)}${checksSection(picture)}${detectionSection(picture)}${analysesSection(picture, images)}
  </section>`;

const originalWarning = ({ evidence }: PictureView): Html | false =>
  evidence !== null &&
  evidence.state !== 'intact' &&
  markup`<p class="bad">
    <strong>The original is ${evidence.state}.</strong> ${said(evidence.stateReason ?? '')} Found on
    ${utc(evidence.checkedAt)}. What is said below is of the bytes as they were taken in.
  </p>`;

function mapsSection(picture: PictureView, images: ReportImages): Html {
  const { verdict, evidence, name } = picture;
  const shown = markup`<figure>
    ${image(images, imageKeys.picture(picture), `The picture ${name}`)}
    <figcaption>
      ${
        verdict
          ? 'The picture as it was judged, reduced to fit.'
          : 'A thumbnail of the picture, which was not judged.'
      }
    </figcaption>
  </figure>`;
  if (!verdict)
    return evidence
      ? markup`<h3>The picture</h3>
          <div class="pair">${shown}</div>`
      : markup``;
  const { maps } = verdict;
  const map = (
    key: string,
    caption: string,
    { min, max, unit }: Pick<MapReference, 'min' | 'max' | 'unit'>,
  ): Html =>
    markup`<figure class="maps">
      ${image(images, key, caption)}
      <figcaption>${legend(min, max, unit)}${caption}</figcaption>
    </figure>`;
  const probability = { min: 0, max: 1 };
  return markup`<h3>The picture and its maps</h3>
    ${coverNote(verdict)}
    <div class="pair">
      ${shown}${map(imageKeys.simulation(picture), 'Simulation map P: where the model responds to foreign content.', { ...probability, unit: 'P' })}
    </div>
    ${mapRow([
      ...maps.kernels.map((_, at) =>
        map(imageKeys.kernel(picture, at), `Map of kernel ${at + 1}.`, {
          ...probability,
          unit: `P${at + 1}`,
        }),
      ),
      map(imageKeys.tileScores(picture), "The network's logit of each tile.", maps.tileScores),
      ...(maps.blockSpectrum
        ? [
            map(
              imageKeys.blockSpectrum(picture),
              'Local block spectrum: how far the 8\u00d78 DCT of each block is from that of real photographs.',
              maps.blockSpectrum,
            ),
          ]
        : []),
      map(
        imageKeys.localSpectrum(picture),
        'Low-rank residual: what the low-rank part of the local block spectrum leaves over.',
        maps.localSpectrum,
      ),
      map(
        imageKeys.globalSpectrum(picture),
        'Global spectrum, mean of the tiles; lowest frequency in the upper left corner.',
        maps.globalSpectrum,
      ),
    ])}
    ${!maps.blockSpectrum && markup`<p class="small">The map of the local block spectrum was not stored with this verdict.</p>`}`;
}

function coverNote({ width, height, maps }: Verdict): Html | false {
  const { covers } = maps;
  return (
    (covers.width < width || covers.height < height) &&
    markup`<p class="small">
      The maps cover ${covers.width} × ${covers.height} pixels from the upper left corner of ${width} ×
      ${height}; the rest was not seen by the model.
    </p>`
  );
}

/** What examiners wrote of parts of the picture. */
function regionsSection({ regions }: PictureView): Html | false {
  return (
    regions.length > 0 &&
    markup`<h3>Notes on regions</h3>
      ${table(
        [
          { head: 'No.', name: 'n' },
          { head: 'Region in pixels', name: 't' },
          'Note',
          'By',
          { head: 'Last changed', name: 't' },
        ],
        regions.map(({ area, text, examiner, updatedAt }, at) => [
          at + 1,
          `${area.width} \u00d7 ${area.height} at ${area.x}, ${area.y}`,
          text === '' ? 'none' : prose(text),
          said(examiner),
          utcLines(updatedAt),
        ]),
      )}
      <p class="small">Regions are counted from the upper left corner of the picture as stored.</p>`
  );
}

function reviewsSection({ evidence, reviews }: PictureView): Html | false {
  if (!evidence) return false;
  if (reviews.length === 0)
    return markup`<h3>Reviews by examiners</h3>
      <p>None is recorded.</p>`;
  return markup`<h3>Reviews by examiners</h3>
    ${disagree(reviews) && markup`<p class="bad"><strong>The examiners disagree.</strong> Both conclusions are kept as they were recorded.</p>`}
    <table>
      <thead>
        <tr>
          <th scope="col">Examiner</th>
          <th scope="col" class="t">Recorded</th>
          <th scope="col">Blind</th>
          <th scope="col">Conclusion</th>
        </tr>
      </thead>
      <tbody>
        ${reviews.map(
          ({ examiner, createdAt, blind, position, conclusion }) =>
            markup`<tr>
              <td>${said(examiner)}</td>
              <td class="t">${utcLines(createdAt)}</td>
              <td class="t">${blindWords(blind, position)}</td>
              <td>
                ${
                  conclusion
                    ? markup`${verdictChip(conclusion.verdict)} ${prose(conclusion.reasons)}`
                    : 'Sealed until a second examiner has recorded theirs.'
                }
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    <p class="small">
      Blind: the program told the examiner no other review of the picture before theirs was recorded. The
      program's own verdict and maps were open to both.
    </p>`;
}

const blindWords = (blind: boolean, position: number): string =>
  position === 1 ? 'first review' : blind ? 'yes' : 'no: another was open';

/** What the detection was run with. */
function detectionSection({ verdict, model, judgedBy }: PictureView): Html | false {
  if (!verdict) return false;
  const { provider, ms, notes } = verdict;
  return markup`<h3>The detection</h3>
    ${facts(
      [
        ['Model', markup`${said(verdict.model.name)}<br>${hash(verdict.model.sha256)}`],
        [
          'Run',
          markup`by Pentimento ${judgedBy ? said(judgedBy) : '(version not recorded)'} on the provider
        ${said(provider)}, in ${measured(ms.total / 1000)} s`,
        ],
        model && [
          'Tiles',
          `of ${model.passport.tileSize} pixels, cut at multiples of ${model.passport.alignment}`,
        ],
        notes.length > 0 && ['Notes', said(notes.join('; '))],
      ],
      'dense',
    )}`;
}

function fileSection({ evidence, verdict, path, sha256 }: PictureView): Html {
  const about = evidence ?? verdict!;
  return markup`<h3>The file</h3>
    ${facts(
      [
        ['SHA-256', hash(sha256)],
        ['Path when it was read', said(path)],
        ['Format', said(about.format)],
        [
          'Size',
          `${about.width} \u00d7 ${about.height} pixels${evidence ? `, ${whole(evidence.bytes)} bytes` : ''}`,
        ],
        about.rendered && ['Origin', 'a scene that this program rendered'],
        evidence && [
          'Kept',
          evidence.storage === 'copy'
            ? 'as a copy in the workspace'
            : 'where it was found; only its hash is kept',
        ],
        evidence && evidence.modifiedAt !== null && ['Changed, as its folder says', utc(evidence.modifiedAt)],
        evidence &&
          evidence.embeddedDates.length > 0 && [
            'Dates in the file, not known to be true',
            bullets(
              evidence.embeddedDates.map(({ source, value }) => markup`${said(source)}: ${said(value)}`),
            ),
          ],
        evidence &&
          evidence.readingNotes.length > 0 && [
            'How its pixels are read',
            bullets(evidence.readingNotes.map(said)),
          ],
        evidence &&
          evidence.tags.length > 0 && ['Tags', evidence.tags.map((tag, at) => [at > 0 && ', ', said(tag)])],
        evidence && evidence.notes !== '' && ['Notes of the examiner', prose(evidence.notes)],
      ],
      'dense',
    )}`;
}
