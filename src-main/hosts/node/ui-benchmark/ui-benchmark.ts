/**
 * How the workbench feels, measured in a real Chromium on the real host over a workspace of its own: first useful paint,
 * scrolling a large case, opening a photograph of 24 megapixels with a map over it, switching layers, and what memory does
 * when many photographs are opened and closed.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '#contract/errors.ts';
import { measuredCase, type MeasuredCase } from '#features/measurement/measured-case.ts';
import { median } from '#features/training-benchmark/repeat.ts';
import type { ChromiumPage } from './chromium-page.ts';
import type { UiWorkspace } from './ui-workspace.ts';

/** Times in ms, share of frames, growth in MB. */
const limits = { paint: 1000, dropped: 0.05, firstTile: 500, switching: 100, growth: 50 };
const repeats = 5;
const scrollSeconds = 6;
/** Opened before memory is looked at: caches fill until then. */
const warmUp = 40;

export interface UiBenchmarkOptions {
  page: ChromiumPage;
  /** The address of a running workbench, with its token. */
  url: string;
  made: UiWorkspace;
  signal: AbortSignal;
  report: (text: string) => void;
}

export async function benchmarkUi(options: UiBenchmarkOptions): Promise<MeasuredCase[]> {
  const { page, url, made, signal, report } = options;
  const found: MeasuredCase[] = [];
  const note = (name: string, value: number, unit: string, limit: number | null): void => {
    if (signal.aborted) throw new AppError('cancelled', 'The benchmark was stopped.');
    found.push(measuredCase(name, value, unit, limit));
    report(`${name}: ${value.toFixed(3)} ${unit}`);
  };
  await page.send('Page.addScriptToEvaluateOnNewDocument', { source: watching });
  note('first_useful_paint', await firstPaint(page, url), 'ms', limits.paint);

  await page.evaluate(went(`#/cases/${made.manyCase}`, `${listed} > 0`), z.number());
  const scrolled = await page.evaluate(scrolling(scrollSeconds), frames);
  note('scroll_dropped_frames', scrolled.dropped, 'share', limits.dropped);
  note('scroll_rows_blank', scrolled.blank, 'share', null);

  const [first, ...others] = made.large.map((id) => `#/cases/${made.largeCase}/${id}`) as [
    string,
    ...string[],
  ];
  await page.evaluate(went(first, drawn), z.number());
  await page.evaluate(until(`${radios} > 1`), z.number());
  const layers = await page.evaluate(radios, z.number());
  await page.press(']');
  await page.evaluate(until(overlaid), z.number());
  note('open_24_megapixels', await opening(page, made, others), 'ms', limits.firstTile);
  const again = Array<string>(repeats).fill(first);
  note('open_24_megapixels_again', await opening(page, made, again), 'ms', limits.firstTile);
  await page.evaluate(until(overlaid), z.number());
  note('switch_layers', await switching(page, layers), 'ms', limits.switching);

  for (const [what, used] of await memory(page, made)) note(what, used, 'MB', limits.growth);
  return found;
}

const frames = z.object({ dropped: z.number(), blank: z.number() });
const listed = `document.querySelectorAll('[role=listbox] [role=option][aria-posinset]').length`;
const radios = `document.querySelectorAll('fieldset input[type=radio]').length`;
/** The picture's canvas shows all tiles of what is seen, and the map over it. */
const drawn = `document.querySelector('canvas[data-ready=true][data-layers]') !== null`;
const overlaid = `document.querySelector('canvas[data-ready=true][data-layers*="/"]') !== null`;
/** A tile as fine as the screen is drawn, and the map over it. */
const sharp = `document.querySelector('canvas[data-sharp=true][data-layers*="/"]') !== null`;
const gone = `document.querySelector('canvas[data-layers]') === null && ${listed} > 0`;

/** In every document: `__until(condition)` answers with the time of the frame in which it has come true. */
const watching = `window.__until = (condition) => new Promise((answer, fail) => {
  const begun = performance.now();
  const look = () => {
    if (condition()) requestAnimationFrame(() => setTimeout(() => answer(performance.now()), 0));
    else if (performance.now() - begun > 60000) fail(new Error('It did not come: ' + condition));
    else requestAnimationFrame(look);
  };
  look();
});`;
const until = (condition: string): string => `__until(() => ${condition})`;
/** Milliseconds from going to an address until the condition is true, and painted. */
const went = (hash: string, condition: string): string =>
  `(async () => { const begun = performance.now(); location.hash = ${JSON.stringify(hash)};
    return (await __until(() => ${condition})) - begun; })()`;

/** From the beginning of the navigation until the first page stands with what the host says. The browser's cache is empty. */
async function firstPaint(page: ChromiumPage, url: string): Promise<number> {
  await page.send('Network.enable');
  await page.send('Network.setCacheDisabled', { cacheDisabled: true });
  const times: number[] = [];
  const useful = `document.querySelector('main h1') !== null && /Connected/.test(document.querySelector('footer, [role=contentinfo]')?.textContent ?? document.body.textContent)`;
  for (let at = 0; at <= repeats; at++) {
    await page.send('Page.navigate', { url: 'about:blank' });
    await page.send('Page.navigate', { url });
    const time = await page.evaluate(until(useful), z.number());
    if (at > 0) times.push(time); // the first one warms the host
  }
  await page.send('Network.setCacheDisabled', { cacheDisabled: false });
  return median(times);
}

/** Scrolls a list at 2,400 pixels a second, frame by frame, and tells the share of frames that did not come in time. */
const scrolling = (seconds: number): string => `(async () => {
  const list = document.querySelector('[role=listbox]');
  const scroller = [list, ...list.querySelectorAll('*')].find((e) => e.scrollHeight > e.clientHeight + 10) ?? list.parentElement;
  const frame = () => new Promise(requestAnimationFrame);
  let before = await frame();
  let [shown, missed, blank, cells] = [0, 0, 0, 0];
  const end = before + ${seconds * 1000};
  while (before < end) {
    scroller.scrollTop += 40;
    const now = await frame();
    shown += 1;
    missed += Math.max(0, Math.round((now - before) / (1000 / 60)) - 1);
    blank += list.querySelectorAll('[role=option]:not([aria-posinset])').length;
    cells += list.querySelectorAll('[role=option]').length;
    before = now;
  }
  return { dropped: missed / (shown + missed), blank: cells === 0 ? 0 : blank / cells };
})()`;

/** From the list to each photograph, until a first sharp tile with the map over it is drawn. */
async function opening(page: ChromiumPage, made: UiWorkspace, addresses: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (const address of addresses) {
    await page.evaluate(went(`#/cases/${made.largeCase}`, gone), z.number());
    times.push(await page.evaluate(went(address, sharp), z.number()));
  }
  return median(times);
}

const listening = `window.__switched = new Promise((answer, fail) =>
  addEventListener('keydown', () => {
    const [pressed, canvas] = [performance.now(), document.querySelector('canvas[data-layers]')];
    const before = canvas.dataset.layers;
    __until(() => canvas.dataset.layers !== before && canvas.dataset.ready === 'true')
      .then((drawn) => answer(drawn - pressed), fail);
  }, { once: true, capture: true }))`;

/** From the key until the next layer is drawn. */
async function switching(page: ChromiumPage, layers: number): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < 2 * layers; at++) {
    // Keys may overtake what is evaluated: the page listens before one is pressed.
    await page.evaluate(`${listening}, 0`, z.number());
    await page.press(']');
    times.push(await page.evaluate('__switched', z.number()));
  }
  return median(times);
}

/** What the page's heap and its process hold more after all photographs than after the first of them. */
async function memory(page: ChromiumPage, made: UiWorkspace): Promise<[string, number][]> {
  const open = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) {
      await page.evaluate(went(`#/cases/${made.largeCase}/${id}`, drawn), z.number());
      await page.evaluate(went(`#/cases/${made.largeCase}`, gone), z.number());
    }
  };
  await open(made.photographs.slice(0, warmUp));
  const before = await held(page);
  await open(made.photographs.slice(warmUp));
  const after = await held(page);
  return [
    ['heap_growth', after.heap - before.heap],
    ...(before.process === null || after.process === null
      ? []
      : [['process_growth', after.process - before.process] as [string, number]]),
  ];
}

/** In MB: the script's heap, and on Linux the resident memory of the page's process. */
async function held(page: ChromiumPage): Promise<{ heap: number; process: number | null }> {
  await page.send('HeapProfiler.collectGarbage');
  const { usedSize } = z.object({ usedSize: z.number() }).parse(await page.send('Runtime.getHeapUsage'));
  return { heap: usedSize / 2 ** 20, process: await rendererMegabytes(page) };
}

async function rendererMegabytes(page: ChromiumPage): Promise<number | null> {
  const { processInfo } = z
    .object({ processInfo: z.array(z.object({ id: z.number(), type: z.string() })) })
    .parse(await page.browser('SystemInfo.getProcessInfo'));
  let kilobytes = 0;
  for (const { id, type } of processInfo) {
    if (type !== 'renderer') continue;
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    kilobytes += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  }
  return kilobytes === 0 ? null : kilobytes / 1024;
}
