/** Review: how a picture is looked at, its layers, their contours, notes on regions, and the commands that reach all of it. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { commands as allCommands } from '#contract/command.ts';
import type { RegionNote } from '#contract/region.ts';
import { Commands, matches } from '#renderer/controllers/commands.svelte.ts';
import { ReviewController, type Subject } from '#renderer/controllers/review.svelte.ts';
import { View, type Turn } from '#renderer/controllers/view.svelte.ts';
import { contourLines } from '#renderer/lib/contour.ts';
import type { AnalysisResult } from '#contract/analysis.ts';
import { tileUrl } from '#renderer/lib/media.ts';
import { analysisLayers, valueAt, verdictLayers } from '#renderer/lib/layers.ts';
import { evidenceExample, hash, mapExample, verdictExample } from '../examples.ts';
import { settle, standInClient } from '../stand-in-client.ts';

const subject = (over: Partial<Subject> = {}): Subject => ({
  sha256: hash('5'),
  name: 'a.jpg',
  path: '/cases/a.jpg',
  width: 400,
  height: 200,
  rendered: false,
  item: evidenceExample(),
  verdicts: [verdictExample()],
  ...over,
});

const fetched = vi.fn<(url: string) => Promise<never>>(() => new Promise(() => undefined));
beforeEach(() => {
  fetched.mockClear();
  vi.stubGlobal('fetch', fetched);
});

test('the picture on the whole is asked for when it is opened, before anything is laid out', () => {
  const controller = new ReviewController(standInClient({}), subject({ width: 3000, height: 2000 }));
  expect(fetched.mock.calls.map(([url]) => url)).toEqual([tileUrl(hash('5'), { level: 3, x: 0, y: 0 })]);
  controller.dispose();
});

describe('the view', () => {
  test('zooming keeps the pixel under the pointer, whichever way the picture is turned', () => {
    for (const turn of [0, 90, 180, 270] as Turn[]) {
      const view = new View({ width: 1600, height: 1200 });
      view.measure({ width: 400, height: 300 });
      view.turn = turn;
      view.fit();
      const at = { x: 150, y: 120 };
      const before = view.toPicture(at);
      view.zoomTo(3, at);
      const after = view.toPicture(at);
      expect(Math.hypot(after.x - before.x, after.y - before.y)).toBeLessThan(1e-6);
      const back = view.toFrame(after);
      expect([Math.round(back.x), Math.round(back.y)]).toEqual([150, 120]);
    }
  });

  test('a picture that is turned by a quarter is fitted by its other side', () => {
    const view = new View({ width: 1600, height: 1200 });
    view.measure({ width: 400, height: 300 });
    expect(view.scale).toBe(0.25);
    view.rotate();
    expect([view.turn, view.scale]).toEqual([90, 300 / 1600]);
    expect(view.toFrame({ x: 0, y: 0 })).toEqual({ x: 200 + 600 * view.scale, y: 0 });
  });

  test('what is moved follows the pointer, and the middle never leaves the picture', () => {
    const view = new View({ width: 1600, height: 1200 });
    view.measure({ width: 400, height: 300 });
    view.zoomTo(2);
    view.rotate();
    const held = view.toPicture({ x: 100, y: 100 });
    view.move(7, -5);
    const now = view.toFrame(held);
    expect([Math.round(now.x), Math.round(now.y)]).toEqual([107, 95]);
    view.move(100_000, 100_000);
    expect([view.x >= 0, view.y <= 1200]).toEqual([true, true]);
  });
});

describe('layers', () => {
  test('every map of a verdict is a layer, and the global spectrum alone lies over no part of the picture', () => {
    expect(verdictLayers(verdictExample()).map(({ id }) => id)).toEqual([
      'simulation',
      'kernel-1',
      'kernel-2',
      'local-spectrum',
      'low-rank-residual',
      'global-spectrum',
      'tile-scores',
    ]);
    const alone = verdictLayers(verdictExample()).filter((layer) => layer.alone);
    expect(alone.map(({ id }) => id)).toEqual(['global-spectrum']);
  });

  test('a verdict from before the local block spectrum was kept has its other layers', () => {
    const { maps, ...rest } = verdictExample();
    const ids = verdictLayers({ ...rest, maps: { ...maps, blockSpectrum: null } }).map(({ id }) => id);
    expect(ids).toContain('low-rank-residual');
    expect(ids).not.toContain('local-spectrum');
  });

  test('maps of analyses are layers over their part of the picture, or in its middle where they cover none', () => {
    const map = { ...mapExample({ width: 10, height: 10, unit: 'grey levels' }), title: 'Residual' };
    const covers = { x: 8, y: 4, width: 20, height: 20 };
    const maps = [
      { ...map, name: 'residual', covers },
      { ...map, name: 'spectrum', title: 'Spectrum', covers: null },
    ];
    const layers = analysisLayers([{ analysis: 'noise', title: 'Noise', maps } as AnalysisResult], {
      width: 200,
      height: 100,
    });
    expect(layers).toMatchObject([
      { id: 'noise/residual', label: 'Noise: Residual', covers, alone: false },
      { id: 'noise/spectrum', covers: { x: 50, y: 0, width: 100, height: 100 }, alone: true },
    ]);
    expect(layers[0]?.reference.unit).toBe('grey levels');
  });

  test('the value under the pointer is the map cell that covers the pixel', () => {
    const samples = Uint16Array.of(0, 0, 0, 0, 0, 0, 0, 65_535);
    const map = { width: 4, height: 2, bits: 16 as const, samples };
    const [layer] = verdictLayers(
      verdictExample({ maps: { ...verdictExample().maps, simulation: mapExample({ min: -3, max: 4 }) } }),
    );
    expect(valueAt({ x: 399, y: 199 }, layer!, map)).toBe(4);
    expect(valueAt({ x: 299, y: 199 }, layer!, map)).toBe(-3);
    expect(valueAt({ x: 400, y: 10 }, layer!, map)).toBeNull();
  });

  test('a contour closes around what lies at or above the threshold, also at the edge', () => {
    const samples = Uint8Array.of(0, 0, 0, 0, 100, 0, 0, 0, 0);
    const inside = contourLines({ width: 3, height: 3, bits: 8, samples }, 50);
    expect(inside.length / 4).toBe(4);
    expect([...inside]).toContain(1.5);
    for (let i = 0; i < inside.length; i += 2)
      expect(Math.abs(inside[i]! - 1.5) + Math.abs(inside[i + 1]! - 1.5)).toBeCloseTo(0.5);
    const whole = contourLines({ width: 2, height: 1, bits: 8, samples: Uint8Array.of(9, 9) }, 5);
    expect(whole.length / 4).toBe(6);
    expect(contourLines({ width: 1, height: 1, bits: 8, samples: Uint8Array.of(4) }, 5)).toHaveLength(0);
  });

  test('a comparison never compares a layer with itself, and the original is one of the layers', () => {
    const controller = new ReviewController(standInClient({}), subject());
    expect(controller.a).toBe('simulation');
    controller.compare('swipe');
    expect([controller.a, controller.b]).toEqual(['simulation', null]);
    controller.exchange();
    expect([controller.layer, controller.layerOf('b')?.id]).toEqual([null, 'simulation']);
    controller.step(-1);
    expect(controller.a).toBe('tile-scores');
    controller.step(1);
    expect(controller.a).toBeNull();
  });

  test('a value range that is drawn together stays one step of the map wide', () => {
    const controller = new ReviewController(standInClient({}), subject());
    const layer = controller.layer!;
    controller.setRange(layer, { low: 0.5, high: 0.2 });
    const { low, high } = controller.rangeOf(layer);
    expect([low, high > low]).toEqual([0.5, true]);
    controller.setRange(layer, null);
    expect(controller.rangeOf(layer)).toEqual({ low: 0, high: 1 });
  });
});

describe('notes on regions', () => {
  test('are made within the picture, taken back, and made again as the same note', async () => {
    const calls: unknown[] = [];
    const note = (id: string): RegionNote => ({
      ...{ id, evidence: 'e1', area: { x: 0, y: 0, width: 1, height: 1 }, text: '' },
      ...{ examiner: 'Ada', createdAt: 1, updatedAt: 1 },
    });
    const client = standInClient({
      regions: {
        list: () => Promise.resolve([]),
        add: ({ area }) => {
          calls.push(['add', area]);
          return Promise.resolve(note('r1'));
        },
        remove: ({ id }) => {
          calls.push(['remove', id]);
          return Promise.resolve({ removed: true as const });
        },
        restore: ({ id }) => {
          calls.push(['restore', id]);
          return Promise.resolve(note(id));
        },
      },
    });
    const controller = new ReviewController(client, subject());
    const area = controller.inside({ x: -10.4, y: 150.2, width: 5000, height: 10.6 });
    await controller.addRegion(area);
    await controller.undo.undo();
    await controller.undo.redo();
    await settle();
    expect(calls).toEqual([
      ['add', { x: 0, y: 150, width: 400, height: 11 }],
      ['remove', 'r1'],
      ['restore', 'r1'],
    ]);
  });
});

describe('commands', () => {
  const press = (key: string, over: Partial<KeyboardEventInit> = {}) =>
    new KeyboardEvent('keydown', { key, ...over });

  test('each has a title of its own, and no two that can be given at once share their keys', () => {
    expect(new Set(allCommands.map(({ title }) => title)).size).toBe(allCommands.length);
    // A page of datasets and one of cases and their review are never open together.
    for (const apart of ['dataset', 'review']) {
      const keys = allCommands.flatMap(({ group, keys: own }) => (group === apart ? [] : (own ?? [])));
      expect(keys).toEqual([...new Set(keys)]);
    }
  });

  test('keys are told apart by their modifiers, and a plus needs no Shift', () => {
    expect(matches(press('k', { ctrlKey: true }), 'Mod+k')).toBe(true);
    expect(matches(press('k'), 'Mod+k')).toBe(false);
    expect(matches(press('Z', { ctrlKey: true, shiftKey: true }), 'Mod+z')).toBe(false);
    expect(matches(press('Z', { ctrlKey: true, shiftKey: true }), 'Mod+Shift+z')).toBe(true);
    expect(matches(press('='), '+')).toBe(true);
    expect(matches(press('?', { shiftKey: true }), '?')).toBe(true);
  });

  test('the page opened last answers, a command that no page offers is not there, and a letter in a field is text', () => {
    const commands = new Commands();
    const given: string[] = [];
    const leave = commands.offer({ 'review.fit': () => given.push('old') });
    commands.offer({ 'review.fit': () => given.push('new') });
    expect([commands.can('review.fit'), commands.can('review.rotate')]).toEqual([true, false]);
    const field = document.body.appendChild(document.createElement('textarea'));
    const typed = press('0', { bubbles: true });
    field.addEventListener('keydown', (event) => commands.press(event));
    field.dispatchEvent(typed);
    expect(given).toEqual([]);
    commands.press(press('0'));
    leave();
    commands.press(press('0'));
    expect(given).toEqual(['new', 'new']);
    field.remove();
  });
});
