/** Hostile text in every field that a person, a file or a model may fill: it stays text, on its own line, and ends nothing. */
import { expect, test } from 'vitest';
import { escaped, markup, prose, said } from '#features/reports/markup/html.ts';
import { cssString } from '#features/reports/markup/style.ts';
import { verifyReport } from '#features/reports/verify-report.ts';
import { setUpJudgedCase } from './report-set-up.ts';

const hostile = [
  `"><script>alert(1)</script><img src=x onerror=alert(1)>`,
  `</title></style></table><style>*{display:none}</style>`,
  `'"&lt;&amp;<!-- --><![CDATA[ ]]>`,
  `\u202egpj.exe\u2066 \u200f\ufeff\u0000\u0007`,
  `<meta name="pentimento:data" content=""><span data-varies="log">`,
  `\ud800 ${'W\u0336'.repeat(300)} ${'x'.repeat(5000)}`,
].join(' ');

test('what is not template text is escaped, between tags and in attributes', () => {
  expect(markup`<a title="${'"><b>'}">${'<i>&'}</a>`.text).toBe(
    '<a title="&quot;&gt;&lt;b&gt;">&lt;i&gt;&amp;</a>',
  );
  expect(markup`${[markup`<b>${'<'}</b>`, '<', null, false, 3]}`.text).toBe('<b>&lt;</b>&lt;3');
});

test('characters that cannot be seen are written out; joiners that scripts need are not', () => {
  expect(escaped('a\u202eb\u0000\ud800\u{e0041}')).toBe('a[U+202E]b[U+0000][U+D800][U+E0041]');
  expect(escaped('می\u200cخواهم 👩\u200d🔬')).toBe('می\u200cخواهم 👩\u200d🔬');
});

test('a text keeps to its own direction of writing, and a name to its line', () => {
  expect(said('a\nb').text).toBe('<bdi>a[U+000A]b</bdi>');
  expect(prose('a\nb').text).toBe('<bdi class="prose">a\nb</bdi>');
});

test('a huge text is cut, and the cut is told', () => {
  const { text } = said('x'.repeat(5000));
  expect(text).toContain('(1000 more characters stand in the data of this report)');
  expect(text.length).toBeLessThan(4200);
});

test('no text ends a string of the style sheet', () => {
  expect(cssString('a"b\\c\n</style>')).toBe('"a\\22 b\\5c c\\a \\3c \\2f style\\3e "');
});

/** Every text column that a person, a file, a model or an analysis may fill, whatever the services would let through. */
const columns: Record<string, string[]> = {
  cases: ['name', 'number', 'examiner', 'notes'],
  evidence_items: ['source_path', 'name', 'format', 'notes'],
  verdicts: ['path', 'format', 'reason', 'provider'],
  models: ['name'],
  analyses: ['path', 'title', 'program_version'],
};

test('hostile text in every field leaves the structure of a report as it is', async () => {
  const services = await setUpJudgedCase();
  const { workspace, first, write, textOf, review, settings } = services;
  await review('Ada', first.id, 'real', 'plain');
  await review('Bo', first.id, 'simulated', hostile.slice(0, 3000));
  const plain = await textOf(await write({ case: 'Doe' }));
  workspace.sqlite.exec('DROP TRIGGER audit_log_not_updated; DROP TRIGGER reviews_only_opened');
  const set = (table: string, column: string, value: string): void =>
    void workspace.sqlite.prepare(`UPDATE ${table} SET ${column} = ?`).run(value);
  workspace.sqlite.pragma('ignore_check_constraints = ON');
  for (const [table, names] of Object.entries(columns)) for (const name of names) set(table, name, hostile);
  set('reviews', 'reasons', hostile);
  for (const name of ['examiner', 'action']) set('audit_log', name, hostile);
  for (const [table, column, value] of [
    ['cases', 'tags', JSON.stringify([hostile])],
    ['evidence_items', 'tags', JSON.stringify([hostile])],
    ['evidence_items', 'reading_notes', JSON.stringify([hostile])],
    ['evidence_items', 'embedded_dates', JSON.stringify([{ source: hostile, value: hostile }])],
    ['verdicts', 'notes', JSON.stringify([hostile])],
    ['analyses', 'parameters', JSON.stringify({ [hostile]: hostile })],
    ['analyses', 'libraries', JSON.stringify([{ name: hostile, version: hostile }])],
  ] as const)
    set(table, column, value);
  await fillJson(services);
  await settings.change({ examiner: hostile.slice(0, 100) });
  const record = await write({ case: first.caseId });
  const text = await textOf(record);

  const never = [
    '<script',
    '<img src=x',
    '<meta name="pentimento:data" content="">',
    '\u202e',
    '\u0000',
    '\ufeff',
  ];
  for (const part of never) expect(text, JSON.stringify(part)).not.toContain(part);
  // The same tags in the same order as without it; what was added are rows that the new text itself fills.
  const kinds = (of: string) => [...new Set(of.match(/<[a-z!/][a-z0-9]*/g))].toSorted();
  expect(
    kinds(text)
      .filter((kind) => !kinds(plain).includes(kind))
      .toSorted(),
  ).toEqual(['<ul', '</ul', '<em', '</em'].filter((kind) => !kinds(plain).includes(kind)).toSorted());
  const count = (of: string, part: string): number => of.split(part).length - 1;
  for (const tag of ['<style>', '</style>', '<title>', '</title>', '<section', '</section>', '<h2', '<img '])
    expect(count(text, tag), tag).toBe(count(plain, tag));
  for (const tag of [
    'table',
    'tr',
    'td',
    'bdi',
    'div',
    'section',
    'figure',
    'ul',
    'li',
    'dl',
    'dd',
    'span',
    'p',
  ])
    expect(count(text, `</${tag}>`), tag).toBe([...text.matchAll(new RegExp(`<${tag}[ >]`, 'g'))].length);
  // And it can still be read back and built again.
  const check = await verifyReport(Buffer.from(text), { programVersion: '1.2.3', workspace: null });
  expect(check.findings.filter(({ area }) => area === 'text')).toMatchObject([{ result: 'holds' }]);
});

/** The texts inside passports, statements and findings. */
async function fillJson({ workspace }: Awaited<ReturnType<typeof setUpJudgedCase>>): Promise<void> {
  const change = (table: string, column: string, edit: (value: Record<string, unknown>) => unknown): void => {
    const rows = workspace.sqlite
      .prepare<[], { id: string; value: string }>(`SELECT id, ${column} AS value FROM ${table}`)
      .all();
    for (const { id, value } of rows)
      workspace.sqlite
        .prepare(`UPDATE ${table} SET ${column} = ? WHERE id = ?`)
        .run(JSON.stringify(edit(JSON.parse(value) as Record<string, unknown>)), id);
  };
  change('models', 'passport', (passport) => ({
    ...passport,
    methodVersion: hostile,
    programVersion: hostile,
    datasetName: hostile,
    limits: [hostile],
    cannotJudge: [hostile],
    validation: { ...(passport['validation'] as object), protocol: hostile },
  }));
  change('verdicts', 'statement', (statement) => ({
    ...statement,
    propositions: { simulated: hostile, real: hostile },
    verbal: hostile,
    obstacles: [hostile],
    limits: [hostile],
  }));
  change('verdicts', 'stability', (stability) => ({ ...stability, reason: hostile }));
  change('verdicts', 'explanation', (explanation) => ({
    ...explanation,
    nearest: [
      { photograph: 'a'.repeat(64), name: hostile, tier: 'lossless', category: hostile, distance: 1 },
    ],
  }));
  change('analyses', 'findings', (findings) =>
    (findings as unknown as object[]).map((one) => ({ ...one, sentence: hostile })),
  );
  change('analyses', 'maps', (maps) =>
    (maps as unknown as object[]).map((one) => ({ ...one, title: hostile, unit: hostile })),
  );
}
