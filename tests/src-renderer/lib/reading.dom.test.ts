import { describe, expect, test } from 'vitest';
import { AppError } from '#contract/errors.ts';
import { parseRoute, routeHref } from '#renderer/app/router.svelte.ts';
import {
  formatBytes,
  formatDuration,
  formatShare,
  formatSigned,
  formatTicks,
  formatValue,
} from '#renderer/lib/format.ts';
import { Query } from '#renderer/lib/query.svelte.ts';
import { ratioMarks } from '#renderer/lib/ratio-scale.ts';
import { metricColumns } from '#renderer/lib/series.ts';
import { metricExample } from '../examples.ts';

describe('formats', () => {
  test('durations, sizes and shares read as people write them', () => {
    expect([4.25, 59.6, 200, 7_500].map(formatDuration)).toEqual([
      '4.3 s',
      '1 min 00 s',
      '3 min 20 s',
      '2 h 05 min',
    ]);
    expect(formatDuration(null)).toBe('–');
    expect([500, 2048, 3_565_158].map(formatBytes)).toEqual(['500 B', '2.0 KiB', '3.4 MiB']);
    expect([0, 0.074, 0.62, Number.NaN].map(formatShare)).toEqual(['0 %', '7.4 %', '62 %', '–']);
  });

  test('scores carry their sign, and minus is a minus', () => {
    expect([2.311, -0.4, 0, -0.001].map((value) => formatSigned(value))).toEqual([
      '+2.31',
      '\u22120.40',
      '0.00',
      '0.00',
    ]);
    expect(formatValue(-12.34)).toBe('\u221212.3');
  });

  test('ticks share the decimals that their distance needs', () => {
    expect(formatTicks([0, 0.25, 0.5])).toEqual(['0.00', '0.25', '0.50']);
    expect(formatTicks([170, 180, 190])).toEqual(['170', '180', '190']);
  });
});

describe('addresses', () => {
  test('a route survives its own address, whatever its item is called', () => {
    for (const item of [null, 'r1', 'new:d 1', 'ä/b%c'])
      expect(parseRoute(routeHref('training', item))).toEqual({ page: 'training', item, detail: null });
  });
  test('an unknown page and a token are the start page', () => {
    expect(parseRoute('#/nothing/here').page).toBe('start');
    expect(parseRoute('#token=abc').page).toBe('start');
  });
});

describe('queries', () => {
  test('a query is pending, then data, and keeps its data while it is read again', async () => {
    let answer = 'first';
    const query = new Query(() => Promise.resolve(answer));
    expect(query.state.status).toBe('pending');
    await query.refresh();
    expect(query.data).toBe('first');
    answer = 'second';
    const again = query.refresh();
    expect(query.data).toBe('first');
    await again;
    expect(query.data).toBe('second');
  });

  test('a failure becomes an error that says what to do', async () => {
    const query = new Query(() => Promise.reject(new AppError('model_missing', 'There is no model.')));
    await query.refresh();
    expect(query.state).toMatchObject({ status: 'error', error: { message: 'There is no model.' } });
  });

  test('an answer that was overtaken by a later question is dropped', async () => {
    const waiting: ((value: string) => void)[] = [];
    const query = new Query(() => new Promise<string>((resolve) => waiting.push(resolve)));
    const slow = query.refresh();
    const quick = query.refresh();
    waiting[1]?.('new');
    await quick;
    waiting[0]?.('old');
    await slow;
    expect(query.data).toBe('new');
  });
});

describe('curves', () => {
  test('a short run is drawn as it is', () => {
    const metrics = [1, 2, 4].map(metricExample);
    expect(metricColumns(metrics, [(m) => m.losses.cls])).toEqual([
      [1, 2, 4],
      [1, 0.5, 0.25],
    ]);
  });
  test('a long run is thinned to means, and ends at its last step', () => {
    const metrics = Array.from({ length: 10_001 }, (_, i) => metricExample(i + 1));
    const [steps, column = []] = metricColumns(metrics, [(m) => m.step], 100);
    expect(steps.length).toBeLessThanOrEqual(100);
    expect(steps.at(-1)).toBe(10_001);
    expect(column[0]).toBe((1 + 101) / 2);
  });
  test('a value that is not a number leaves a gap instead of a lie', () => {
    const broken = { ...metricExample(1), accuracy: Number.NaN };
    expect(metricColumns([broken], [(m) => m.accuracy])[1]).toEqual([null]);
  });
});

describe('ratio scale', () => {
  test('ratio, band and bounds keep their order on the strip, with a ratio of one in its middle', () => {
    const statement = { bounds: { lower: -1, upper: 3.7 }, band: 2.3 };
    const marks = ratioMarks(3, statement);
    const order = [0, marks.real, marks.lower, marks.simulated, marks.llr, marks.upper, 1];
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(ratioMarks(0, statement).llr).toBe(0.5);
    expect(marks.real + marks.simulated).toBeCloseTo(1, 10);
  });
  test('a band that the data do not reach still has its place', () => {
    const { simulated, upper } = ratioMarks(0.4, { bounds: { lower: 0, upper: 0.5 }, band: 2.3 });
    expect(upper).toBeLessThan(simulated);
    expect(simulated).toBeLessThan(1);
  });
});
