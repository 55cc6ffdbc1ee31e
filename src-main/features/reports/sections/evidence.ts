/** The evidence of a report: every picture with the hash of its bytes. */
import type { EvidenceState } from '#contract/evidence.ts';
import { markup, said, type Html, type Value } from '../markup/html.ts';
import { utcLines, whole } from '../markup/text.ts';
import type { PictureView, ReportView } from '../report-view.ts';
import { hash, table } from './shared.ts';

const stateWords: Record<EvidenceState, string> = {
  intact: 'intact',
  changed: 'CHANGED',
  missing: 'MISSING',
  unreadable: 'UNREADABLE',
};

export const evidenceSection = (view: ReportView): Html =>
  markup`<h2 id="evidence">Evidence and its hashes</h2>
    <p>
      SHA-256 of the bytes when they were taken in. Whoever holds a file can compute its hash with any program
      and compare.
    </p>
    ${table(
      [
        { head: 'No.', name: 'n' },
        { head: 'File', name: 'name' },
        { head: 'SHA-256', name: 'digest' },
        { head: 'Size', name: 't' },
        { head: 'Taken in', name: 't' },
        { head: 'When last looked at', name: 't' },
      ],
      view.pictures.map((picture) => [
        markup`<a href="#picture-${picture.number}">${picture.number}</a>`,
        said(picture.name),
        hash(picture.sha256),
        sizeOf(picture),
        picture.evidence ? utcLines(picture.evidence.takenAt) : 'never: judged by itself',
        picture.evidence &&
          markup`${stateWords[picture.evidence.state]}
            <div class="small">${utcLines(picture.evidence.checkedAt)}</div>`,
      ]),
    )}`;

/** In bytes, where they were recorded, and in pixels. */
function sizeOf({ evidence, verdict }: PictureView): Value {
  const { width, height } = evidence ?? verdict!;
  return [evidence && [`${whole(evidence.bytes)} bytes`, markup`<br>`], `${width} \u00d7 ${height}`];
}
