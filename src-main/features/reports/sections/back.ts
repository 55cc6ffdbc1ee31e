/** The end of a report: the extract of the audit log with its head, how the report can be checked, and room to sign. */
import type { AuditEntry } from '#contract/audit.ts';
import { timeStampText } from '#contract/time-stamp.ts';
import { markup, said, type Html, type Value } from '../markup/html.ts';
import { plural, utc, whole } from '../markup/text.ts';
import type { ReportView } from '../report-view.ts';
import type { Varying } from './front.ts';
import { bullets, facts, hash, table } from './shared.ts';

export function logSection(view: ReportView, { log }: Varying): Html {
  const { audit } = view.data;
  const last = audit.at(-1);
  return markup`<h2 id="log">Extract of the audit log</h2>
    <p>
      The workspace keeps a log in which each entry holds the hash of the one before. Below are the
      ${plural(audit.length, 'entry', 'entries')} on what is reported, whole in the data of this report. An
      entry that was changed no longer has its hash; that none is missing in between, only the workspace
      itself can show.
    </p>
    ${facts([
      ['Last entry of the extract', last ? markup`${whole(last.sequence)}, ${hash(last.hash)}` : 'none'],
      [
        'Head of the whole log when this was written',
        markup`<span data-varies="log">${whole(log.entries)}, ${hash(log.hash)}</span>`,
      ],
      [
        'Time stamps of heads of the log',
        bullets(view.timeStamps.map((stamp) => said(timeStampText(stamp)))) || 'none was taken in',
      ],
    ])}${table(
      [
        { head: 'Entry', name: 'n' },
        { head: 'When', name: 't' },
        'Who',
        { head: 'What', name: 't' },
        'Of',
        'Hash',
      ],
      audit.map((entry) => [
        entry.sequence,
        utc(entry.at),
        said(entry.examiner),
        said(entry.action),
        subjectOf(entry, view),
        markup`<span class="hash short">${entry.hash.slice(0, 16)}</span>`,
      ]),
      'dense',
    )}
    <p class="small">The table shows the first 16 digits of each hash.</p>`;
}

/** What an entry is about, as this report names it. */
function subjectOf({ subject }: AuditEntry, { pictures, models }: ReportView): Value {
  const { kind, id } = subject;
  const picture = pictures.find(
    ({ evidence, verdict, earlier, analyses, earlierAnalyses }) =>
      evidence?.id === id ||
      [verdict, ...earlier, ...analyses, ...earlierAnalyses].some((one) => one?.id === id),
  );
  if (picture) return markup`<a href="#picture-${picture.number}">picture ${picture.number}</a>`;
  const model = models.find((one) => one.id === id);
  if (model) return markup`model ${said(model.name)}`;
  if (kind === 'workspace') return 'the log';
  return kind === 'case' ? 'the case' : said(`${kind} ${id}`);
}

export const checkingSection = (): Html =>
  markup`<h2 id="checking">How to check this report</h2>
    <p>
      The command <code>pentimento verify report.html</code> reads this file alone. It builds the text again
      from the data in the file and compares every character, so that no sentence, number or table can have
      been changed without the data; it computes the hash of every entry of the log and compares the results
      with the digests that the entries hold; and it says what it could not check. Where the workspace is at
      hand (<code>--data-dir</code>) it also compares the results, the log, the pictures and the maps with
      those that are kept there.
    </p>
    <p>
      What no check of a file can show: that the data were not replaced together with everything that speaks
      of them. Against that, compare the head of the log, or the hash of this file, with a note of it that was
      kept elsewhere.
    </p>`;

export const signatures = (): Html =>
  markup`<div class="sign">
    <div>Examiner: name, date, signature</div>
    <div>Second examiner: name, date, signature</div>
  </div>`;
