/** Checking a report: alone, and beside the workspace that it came from. Whatever was changed in it is found. */
import { expect, test } from 'vitest';
import type { AuditEntry } from '#contract/audit.ts';
import type { ReportCheck } from '#contract/report.ts';
import { packData, type ReportData } from '#features/reports/report-data.ts';
import { renderReport } from '#features/reports/render-report.ts';
import { parseReport } from '#features/reports/report-file.ts';
import { isReport, verifyReport } from '#features/reports/verify-report.ts';
import { entryHash } from '#storage/audit-log.ts';
import { readWorkspace } from '#storage/read-workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { setUpJudgedCase } from './report-set-up.ts';

const programVersion = '1.2.3';
const alone = (text: string, version = programVersion): Promise<ReportCheck> =>
  verifyReport(Buffer.from(text), { programVersion: version, workspace: null });
const wrong = ({ findings }: ReportCheck): string[] =>
  findings.filter(({ result }) => result === 'wrong').map(({ area }) => area);
const areas = ({ findings }: ReportCheck, of: string): string[] =>
  findings.filter(({ result }) => result === of).map(({ area }) => area);

async function setUp() {
  const services = await setUpJudgedCase();
  const { review, first, write, textOf, workspace } = services;
  await review('Ada', first.id, 'real', 'r');
  const record = await write({ case: 'Doe' });
  const text = await textOf(record);
  const beside = async (bytes: Uint8Array): Promise<ReportCheck> => {
    const read = await readWorkspace(workspace.folder);
    try {
      return await verifyReport(bytes, { programVersion, workspace: read });
    } finally {
      await read.close();
    }
  };
  return { ...services, record, text, beside };
}

test('a report holds by itself as far as it can, and beside its workspace throughout', async () => {
  const { text, beside, record, write, workspace } = await setUp();
  expect(isReport(Buffer.from(text))).toBe(true);
  const check = await alone(text);
  expect(check).toMatchObject({ ok: true, sha256: record.sha256, programVersion, subject: 'Case Doe' });
  expect(areas(check, 'holds')).toEqual(['text', 'log', 'results']);
  expect(areas(check, 'not-checked')).toEqual(['log', 'results', 'file', 'pictures']);
  const whole = await beside(Buffer.from(text));
  expect(wrong(whole)).toEqual([]);
  expect(areas(whole, 'holds')).toEqual([
    'text',
    'log',
    'results',
    'file',
    'workspace',
    'workspace',
    'pictures',
  ]);
  const pdf = await write({ case: 'Doe' }, 'pdf');
  const printed = await workspace.blobs.read(pdf.sha256);
  expect(areas(await beside(printed), 'holds')).toEqual(['file']);
  expect(wrong(await beside(Buffer.from('%PDF-1.7 another')))).toEqual(['file']);
});

test('a word, a number, a picture or a tag that was changed in the text is found', async () => {
  const { text } = await setUp();
  const changes: [RegExp | string, string][] = [
    ['Likelihood ratio: ', 'Likelihood ratio: 9'],
    [/<td>K 7<\/td>|K 7/, 'K 8'],
    ['<li>', '<li hidden>'],
    ['</body>', '<p>It is genuine.</p></body>'],
    ['default-src &#39;none&#39;', 'default-src *'],
    [/data:image\/jpeg;base64,\/9j\/.{40}/, 'data:image/jpeg;base64,/9j/'],
  ];
  for (const [from, to] of changes) {
    const changed = text.replace(from, to);
    expect(changed, String(from)).not.toBe(text);
    const check = await alone(changed);
    const isPicture = String(from).includes('jpeg');
    if (!isPicture) expect(wrong(check), String(from)).toEqual(['text']);
  }
});

test('another picture in place of one is found beside the workspace', async () => {
  const { text, beside } = await setUp();
  const [one, other] = [...text.matchAll(/src="(data:image\/png;base64,[^"]*)"/g)].map(([, src]) => src!);
  const swapped = text.replace(one!, other!);
  expect(swapped).not.toBe(text);
  expect(wrong(await beside(Buffer.from(swapped)))).toEqual(['file', 'pictures']);
});

/** The report with other data, its text built from them, as a forger with this program would make it. */
function forged(text: string, edit: (data: ReportData) => void): string {
  const input = parseReport(text);
  edit(input.data);
  return renderReport(input);
}

/** Changes an entry whose successor stands in the report too, and gives it the hash of what it now says. */
function rewrite({ audit }: ReportData, edit: (entry: AuditEntry) => void): void {
  const at = audit.findIndex(({ hash }, i) => audit[i + 1]?.previous === hash);
  const entry = audit[at]!;
  edit(entry);
  entry.hash = entryHash(entry);
}

test('a result that was changed together with the text is found by the log', async () => {
  const { text } = await setUp();
  const edits: [string, (data: ReportData) => void][] = [
    ['results', (data) => (data.items[0]!.verdicts[0]!['verdict'] = 'real')],
    ['results', (data) => (data.items[0]!.verdicts[0]!['llr'] = -3)],
    ['results', (data) => (data.items[0]!.analyses[0]!['findings'] = '[]')],
    ['results', (data) => (data.models[0]!['name'] = 'Better')],
    ['results', (data) => (data.items[0]!.evidence!['sha256'] = 'b'.repeat(64))],
    ['results', (data) => data.items[1]!.verdicts.push({ ...data.items[0]!.verdicts[0]!, id: 'made up' })],
    ['log', (data) => (data.audit[0]!.examiner = 'Eve')],
    ['log', (data) => void data.audit.reverse()],
    ['log', (data) => rewrite(data, (entry) => (entry.examiner = 'Eve'))],
    ['log', (data) => (data.audit.at(-1)!.sequence += 100)],
  ];
  for (const [area, edit] of edits) {
    const check = await alone(forged(text, edit));
    expect(wrong(check), edit.toString()).toContain(area);
    expect(check.ok).toBe(false);
  }
});

test('a log that was written anew around a changed result is found beside the workspace', async () => {
  const { text, workspace, beside } = await setUp();
  const other = forged(text, (data) => void data.audit.splice(0, data.audit.length - 1));
  expect(wrong(await alone(other))).toContain('results');
  workspace.sqlite.exec(
    `DROP TRIGGER audit_log_not_updated; UPDATE audit_log SET hash = printf('%064x', sequence)`,
  );
  expect(wrong(await beside(Buffer.from(text)))).toContain('workspace');
});

test('a picture without an entry that says with which hash it was taken in is told of, not called sound', async () => {
  const { text } = await setUp();
  const check = await alone(
    forged(text, (data) => {
      data.audit = data.audit.filter(({ action }) => action !== 'evidence.taken-in');
    }),
  );
  expect(check.findings).toContainEqual({
    ...{ result: 'not-checked', area: 'results' },
    message: expect.stringContaining('2 pictures have no entry here'),
  });
});

test('the text of another version is not called wrong, but not checked', async () => {
  const { text } = await setUp();
  const check = await alone(text, '2.0.0');
  expect(check).toMatchObject({ ok: true, programVersion });
  expect(areas(check, 'not-checked')).toContain('text');
});

test('what is no report, or holds no data, is refused in words', async () => {
  const { text } = await setUp();
  const { data } = parseReport(text);
  const packed = packData(data);
  const bad = [
    'not a report',
    '<!doctype html><html></html>',
    text.replace(packed, 'AAAA'),
    text.replace(packed, packData({ ...data, items: [{ ...data.items[0]!, evidence: { id: 'x' } }] })),
    text.replace(/name="pentimento:written" content="\d+"/, 'name="pentimento:written" content="soon"'),
    text.replace(/(name="pentimento:log" content="\d+) [0-9a-f]+/, '$1 x'),
  ];
  for (const one of bad) expect((await failureOf(alone(one))).code, one.slice(0, 40)).toBe('report_invalid');
});
