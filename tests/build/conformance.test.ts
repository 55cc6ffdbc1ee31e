/** The engine's conformance page names functions and tests that exist. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const engine = join(root, 'src-main/engine');
const tests = new Map(
  readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => [basename(file), readFileSync(join(root, 'tests', file), 'utf8')]),
);

/** The last two cells of every row of the conformance tables. */
const rows = readFileSync(join(engine, 'README.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && line.includes('.test.ts`'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
  .map((cells) => ({ row: cells[0]!, where: cells.at(-2)!, test: cells.at(-1)! }));

test('the page has the eleven claims and the formulas', () => {
  const claims = rows.map(({ row }) => Number(row)).filter((n) => Number.isInteger(n));
  expect(claims).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
  expect(rows.length).toBeGreaterThan(11 + 25);
});

describe.each(rows)('$row', ({ where, test: named }) => {
  test('is implemented where the page says', () => {
    for (const part of where.split(';')) {
      const [names, file] = part.split(' in `') as [string, string];
      const text = readFileSync(join(engine, file.split('`')[0]!), 'utf8');
      for (const [, name] of names.matchAll(/`([^`]+)`/g))
        expect(new RegExp(`\\b${name!}\\b`).test(text), `${name!} in ${file}`).toBe(true);
    }
  });

  test('is tested where the page says', () => {
    for (const part of named.split(/; (?=`)/)) {
      const [, file, title] = /^`([^`]+)`: (.+)$/.exec(part)!;
      const text =
        file === 'golden.test.ts' ? readdirSync(join(root, 'tests/golden')).join() : tests.get(file!);
      expect(text, `${file!} exists`).toBeDefined();
      if (title !== 'all of it') expect(text, `${file!}: ${title!}`).toContain(title!);
    }
  });
});
