/**
 * What ran on a picture, what did not, and why. Everything in it comes from a record; analyses that did not run for the same
 * reason stand in one row, each by its name, so that the reasons can be read.
 */
import type { AnalysisResult } from '#contract/analysis.ts';
import { markup, said, type Html, type Value } from '../markup/html.ts';
import { plural, utc, utcLines } from '../markup/text.ts';
import type { PictureView } from '../report-view.ts';
import { runLine } from './analyses.ts';
import { table } from './shared.ts';

type Outcome = AnalysisResult['state'];
const outcomeWords: Record<Outcome, string> = { ran: 'ran', 'not-run': 'not run', failed: 'failed' };
const outcome = (of: Outcome): Html => markup`<strong class="${of}">${outcomeWords[of]}</strong>`;

export function checksSection(picture: PictureView): Html {
  const of = (state: Outcome): AnalysisResult[] => picture.analyses.filter((one) => one.state === state);
  return markup`<h3>What ran, and what did not</h3>
    ${table(
      [
        { head: 'Check', name: 'check' },
        { head: 'State', name: 't' },
        'Result, or why not',
        { head: 'When', name: 't' },
      ],
      [
        original(picture),
        detection(picture),
        ...ran(of('ran')),
        ...of('failed').map(failed),
        ...notRun(of('not-run')),
        ...unrecorded(picture.notRecorded),
      ],
    )}${earlierNote(picture)}`;
}

function original({ evidence }: PictureView): Value[] {
  const check = 'Bytes of the original against the hash taken in';
  if (!evidence)
    return [check, outcome('not-run'), 'The picture was judged by itself and is no evidence of a case.', ''];
  const result =
    evidence.state === 'intact'
      ? 'The bytes were those taken in.'
      : said(`${evidence.state}: ${evidence.stateReason ?? ''}`);
  return [check, outcome('ran'), result, utcLines(evidence.checkedAt)];
}

function detection({ verdict, evidence }: PictureView): Value[] {
  const check = 'Detection by a trained model';
  if (verdict) return [check, outcome('ran'), `Verdict: ${verdict.verdict}`, utcLines(verdict.createdAt)];
  const blocked = evidence && evidence.state !== 'intact';
  const why = blocked
    ? `No run is recorded; it is refused while the original is ${evidence.state}.`
    : 'No run is recorded.';
  return [check, outcome('not-run'), why, ''];
}

/** Names between semicolons: some hold commas. */
const listed = (names: readonly Value[]): Value => names.map((name, at) => [at > 0 && '; ', name]);

function ran(analyses: readonly AnalysisResult[]): Value[][] {
  if (analyses.length === 0) return [];
  const names = analyses.map(({ title, findings }) => [said(title), ` (${findings.length})`]);
  const check = plural(analyses.length, 'analysis', 'analyses');
  const result = ['Told one by one below, with so many findings each: ', listed(names)];
  return [[check, outcome('ran'), result, span(analyses)]];
}

const failed = (result: AnalysisResult): Value[] => [
  said(result.title),
  outcome('failed'),
  [said(result.reason ?? ''), runLine(result)],
  utcLines(result.createdAt),
];

/** One row a reason, in the order of the first analysis that has it. */
function notRun(analyses: readonly AnalysisResult[]): Value[][] {
  const byReason = Map.groupBy(analyses, ({ reason }) => reason ?? '');
  return [...byReason].map(([reason, group]) => [...groupCells(group, said(reason)), span(group)]);
}

function unrecorded(analyses: PictureView['notRecorded']): Value[][] {
  return analyses.length > 0 ? [[...groupCells(analyses, 'No run is recorded.'), '']] : [];
}

/** Name, state and reason of what was not run; the names of several stand below their reason, where there is room. */
function groupCells(group: readonly { title: string }[], reason: Value): Value[] {
  const names = group.map(({ title }) => said(title));
  if (group.length === 1) return [names[0], outcome('not-run'), reason];
  const listing = markup`${reason}<div>These are: ${listed(names)}.</div>`;
  return [`${group.length} analyses`, outcome('not-run'), listing];
}

/** From the first to the last. */
function span(analyses: readonly AnalysisResult[]): Value {
  const times = analyses.map(({ createdAt }) => createdAt);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return utc(first) === utc(last) ? utcLines(first) : [utcLines(first), ' to', markup`<br>`, utcLines(last)];
}

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
      'dense',
    )}`;
}
