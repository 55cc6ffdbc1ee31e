/**
 * One picture under review: how it is looked at, which layers lie over it and how they are compared, what is measured in it,
 * and the notes on its regions.
 */
import { untrack } from 'svelte';
import type { PentimentoClient } from '#contract/api.ts';
import type { AnalysisResult } from '#contract/analysis.ts';
import type { Verdict } from '#contract/detection.ts';
import type { EvidenceItem } from '#contract/evidence.ts';
import type { RegionArea, RegionNote } from '#contract/region.ts';
import { heldRange, sampleToValue } from '../lib/colour-map.ts';
import type { GreyPicture } from '../lib/grey-png.ts';
import { analysisLayers, verdictLayers, type Layer, type Pixel } from '../lib/layers.ts';
import { loadMap } from '../lib/media.ts';
import type { ValueRange } from '../lib/painted-maps.ts';
import { Query } from '../lib/query.svelte.ts';
import { TilePictures } from '../lib/tile-pictures.svelte.ts';
import { UndoStack } from './undo-stack.svelte.ts';
import { View } from './view.svelte.ts';

export type Subject = {
  sha256: string;
  name: string;
  path: string;
  width: number;
  height: number;
  rendered: boolean;
  /** Null for a picture that was judged by itself. */
  item: EvidenceItem | null;
  /** Newest first. */
  verdicts: readonly Verdict[];
};
/** An item of evidence with its verdicts. */
export async function readSubject(client: PentimentoClient, evidence: string): Promise<Subject> {
  const { item, verdicts } = await client.evidence.get({ id: evidence });
  const { sha256, name, sourcePath: path, width, height, rendered } = item;
  return { sha256, name, path, width, height, rendered, item, verdicts };
}

export type CompareMode = 'single' | 'swipe' | 'side' | 'flicker';
export type Tool = 'move' | 'ruler' | 'region';
export type Side = 'a' | 'b';

export class ReviewController {
  readonly subject: Subject;
  readonly view: View;
  readonly tiles: TilePictures;
  readonly regions: Query<RegionNote[]>;
  /** The latest result of each analysis; none of a picture that belongs to no case. */
  readonly analyses: Query<AnalysisResult[]>;
  readonly undo = new UndoStack();
  verdictId = $state<string | null>(null);
  mode = $state<CompareMode>('single');
  tool = $state<Tool>('move');
  /** Ids of the layers to compare; null for the original alone. */
  a = $state<string | null>(null);
  b = $state<string | null>(null);
  /** Where swiping parts the frame, in [0, 1]. */
  split = $state(0.5);
  /** Which side the flicker shows. */
  shown = $state<Side>('a');
  pixel = $state.raw<Pixel | null>(null);
  ruler = $state.raw<{ from: Pixel; to: Pixel } | null>(null);
  chosenRegion = $state<string | null>(null);
  contour = $state(false);
  /** Whether the tiles that drove the score are drawn. */
  tilesShown = $state(false);
  /** By layer; where none is given, all that the map may hold. */
  #ranges = $state.raw<Readonly<Record<string, ValueRange>>>({});
  #thresholds = $state.raw<Readonly<Record<string, number>>>({});
  #maps = $state.raw<Readonly<Record<string, GreyPicture>>>({});
  readonly #client: PentimentoClient;

  constructor(client: PentimentoClient, subject: Subject) {
    this.#client = client;
    this.subject = subject;
    this.view = new View(subject);
    this.tiles = new TilePictures(subject.sha256, subject);
    this.verdictId = subject.verdicts[0]?.id ?? null;
    if (this.verdictId !== null) this.a = 'simulation';
    this.analyses = new Query(async () =>
      subject.item ? client.analyses.ofEvidence({ id: subject.item.id }) : [],
    );
    this.regions = new Query(async () =>
      subject.item ? client.regions.list({ evidence: subject.item.id }) : [],
    );
  }

  get verdict(): Verdict | null {
    return this.subject.verdicts.find(({ id }) => id === this.verdictId) ?? null;
  }

  readonly layers: readonly Layer[] = $derived.by(() => {
    const verdict = this.verdict;
    return [
      ...(verdict ? verdictLayers(verdict) : []),
      ...analysisLayers(this.analyses.data ?? [], this.subject),
    ];
  });

  /**
   * Reads what analyses drew and what was noted.
   * @param remembered the layer of an earlier review, which is taken where there is one like it and none was chosen here
   */
  async open(remembered: string | null): Promise<void> {
    const first = this.a;
    await Promise.all([this.analyses.refresh(), this.regions.refresh()]);
    if (this.a !== first || remembered === null) return;
    if (remembered === 'original') this.a = null;
    else if (this.layers.some(({ id }) => id === remembered)) this.a = remembered;
  }

  layerOf(side: Side): Layer | null {
    const id = side === 'a' ? this.a : this.b;
    return this.layers.find((layer) => layer.id === id) ?? null;
  }

  /** The layer that the panel speaks of. */
  get layer(): Layer | null {
    return this.layerOf(this.mode === 'flicker' ? this.shown : 'a');
  }

  /** The samples of a layer; undefined until they have come. */
  mapOf(layer: Layer): GreyPicture | undefined {
    return this.#maps[layer.reference.blob];
  }

  /** Reads the samples of the layers on screen. Run inside an effect, so that it follows them. */
  readMaps(onerror: (error: unknown) => void): void {
    for (const layer of [this.layerOf('a'), this.mode === 'single' ? null : this.layerOf('b')]) {
      const blob = layer?.reference.blob;
      if (!layer || !blob || untrack(() => this.#maps[blob])) continue;
      loadMap(layer.reference).then((map) => {
        this.#maps = { ...Object.fromEntries(Object.entries(this.#maps).slice(-11)), [blob]: map };
      }, onerror);
    }
  }

  /** The values of a layer that get the first and the last colour. */
  rangeOf({ id, reference }: Layer): ValueRange {
    return this.#ranges[id] ?? { low: reference.min, high: reference.max };
  }

  /** Null: all that the map may hold. An empty range is widened to one step of the map. */
  setRange({ id, reference }: Layer, range: ValueRange | null): void {
    const others = Object.fromEntries(Object.entries(this.#ranges).filter(([other]) => other !== id));
    if (!range) return void (this.#ranges = others);
    const step = (reference.max - reference.min) / (2 ** reference.bits - 1);
    this.#ranges = { ...others, [id]: { low: range.low, high: Math.max(range.high, range.low + step) } };
  }

  /** Uses all colours for what the map really holds: weak differences become visible. */
  stretch(layer: Layer): void {
    const map = this.mapOf(layer);
    if (!map) return;
    const { low, high } = heldRange(map);
    const { reference } = layer;
    this.setRange(layer, { low: sampleToValue(low, reference), high: sampleToValue(high, reference) });
  }

  thresholdOf({ id, reference }: Layer): number {
    return this.#thresholds[id] ?? (reference.min + reference.max) / 2;
  }

  setThreshold({ id }: Layer, threshold: number): void {
    this.#thresholds = { ...this.#thresholds, [id]: threshold };
  }

  /** Goes to the next layer over the picture, or back; the original is one of them. */
  step(by: 1 | -1): void {
    const ids = [null, ...this.layers.map(({ id }) => id)];
    const at = ids.indexOf(this.a);
    this.a = ids[(at + by + ids.length) % ids.length] ?? null;
  }

  compare(mode: CompareMode): void {
    this.mode = mode;
    this.shown = 'a';
    // Two times the same would compare nothing.
    if (mode !== 'single' && this.a === this.b)
      this.b = this.a === null ? (this.layers[0]?.id ?? null) : null;
  }

  exchange(): void {
    if (this.mode === 'flicker') this.shown = this.shown === 'a' ? 'b' : 'a';
    else [this.a, this.b] = [this.b, this.a];
  }

  /** A part in the middle of what is seen, for a note that is made without a pointer. */
  get middle(): RegionArea {
    const { left, top, right, bottom } = this.view.seen;
    const width = Math.max(1, Math.round((right - left) / 3));
    const height = Math.max(1, Math.round((bottom - top) / 3));
    return this.inside({ x: left + width, y: top + height, width, height });
  }

  /** Whole pixels within the picture. */
  inside({ x, y, width, height }: RegionArea): RegionArea {
    const left = Math.min(Math.max(Math.round(x), 0), this.subject.width - 1);
    const top = Math.min(Math.max(Math.round(y), 0), this.subject.height - 1);
    return {
      x: left,
      y: top,
      width: Math.min(Math.max(Math.round(width), 1), this.subject.width - left),
      height: Math.min(Math.max(Math.round(height), 1), this.subject.height - top),
    };
  }

  async addRegion(area: RegionArea): Promise<void> {
    const { item } = this.subject;
    if (!item) return;
    let made: string | null = null;
    await this.undo.make({
      act: async () => {
        if (made === null) made = (await this.#client.regions.add({ evidence: item.id, area, text: '' })).id;
        else await this.#client.regions.restore({ id: made });
        this.chosenRegion = made;
        await this.regions.refresh();
      },
      revert: () => this.#remove(made ?? ''),
    });
  }

  async editRegion(note: RegionNote, change: { area?: RegionArea; text?: string }): Promise<void> {
    const apply = async (to: { area?: RegionArea; text?: string }): Promise<void> => {
      await this.#client.regions.edit({ id: note.id, ...to });
      await this.regions.refresh();
    };
    const before = { area: note.area, text: note.text };
    await this.undo.make({ act: () => apply(change), revert: () => apply(before) });
  }

  async removeRegion({ id }: RegionNote): Promise<void> {
    await this.undo.make({
      act: () => this.#remove(id),
      revert: async () => {
        await this.#client.regions.restore({ id });
        await this.regions.refresh();
      },
    });
  }

  dispose(): void {
    this.tiles.dispose();
  }

  async #remove(id: string): Promise<void> {
    await this.#client.regions.remove({ id });
    if (this.chosenRegion === id) this.chosenRegion = null;
    await this.regions.refresh();
  }
}
