/** The benchmark of the store, on a case of a few items: what it tells, and of what. */
import { expect, test } from 'vitest';
import sharp from 'sharp';
import { benchmarkStore } from '#features/store-benchmark/store-benchmark.ts';
import { tinyPicture } from '#features/store-benchmark/tiny-pictures.ts';
import { failureOf } from '#tests/support/app-error.ts';

test('it tells rates beside the raw rate of SQLite, and times and memory beside their limits', async () => {
  const signal = new AbortController().signal;
  const { machine, cases } = await benchmarkStore({ sizes: [10, 100], signal, report: () => undefined });
  expect(machine.cores).toBeGreaterThan(0);
  const named = new Map(cases.map((one) => [one.name, one]));
  expect(named.size).toBe(cases.length);
  for (const { name, value, ceiling, ratio } of cases) {
    expect(value, name).toBeGreaterThan(0);
    expect(ratio, name).toBe(ceiling === null ? null : value / ceiling);
  }
  const raw = named.get('raw_insert')!.value;
  for (const name of ['decode_and_thumbnail', 'copy_hash_and_flush', 'intake_10', 'intake_100'])
    expect(named.get(name), name).toMatchObject({ unit: 'pictures/s', ceiling: raw });
  expect(named.get('opening_case')).toMatchObject({ unit: 'ms', ceiling: 300 });
  expect(named.get('near_duplicates')).toMatchObject({ unit: 'ms', ceiling: 100 });
  expect(named.get('peak_memory')).toMatchObject({ unit: 'MB', ceiling: 500 });
  expect([...named.keys()].filter((name) => name.startsWith('page_')).length).toBeGreaterThan(30);
});

test('it ends where it is asked to', async () => {
  const signal = AbortSignal.abort();
  const stopped = benchmarkStore({ sizes: [10, 100], signal, report: () => undefined });
  expect(await failureOf(stopped)).toMatchObject({ code: 'cancelled' });
});

test('its pictures are whole, and each is another', async () => {
  const pictures = await Promise.all(
    [0, 1, 2, 99_999].map((number) => sharp(tinyPicture(number)).raw().toBuffer({ resolveWithObject: true })),
  );
  for (const { info } of pictures) expect(info).toMatchObject({ width: 64, height: 64, channels: 3 });
  expect(new Set(pictures.map(({ data }) => data.toString('latin1'))).size).toBe(4);
});
