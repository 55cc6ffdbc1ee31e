/** How many simulated samples of each kind a batch holds, by what the generator makes. */

/** `both`: blends and style transfer. `blend`, `style`: that one alone. `none`: every simulated sample is a blend under a drawn mask. */
export const generatorModes = ['both', 'blend', 'style', 'none'] as const;
export type GeneratorMode = (typeof generatorModes)[number];

interface BatchFields {
  generatorMode: GeneratorMode;
  blendsPerBatch: number;
  stylePerBatch: number;
  replayShare: number;
}

export interface SampleCounts {
  /** Blends under the generator's masks. */
  learned: number;
  /** Blends under drawn masks. */
  drawn: number;
  /** Style-transferred samples. */
  styled: number;
}

/**
 * The simulated samples of one detector batch. Their sum is `blendsPerBatch + stylePerBatch` in every mode: what a mode
 * does not make gives its places to what it does.
 */
export function sampleCounts(fields: BatchFields): SampleCounts {
  const { generatorMode, blendsPerBatch, stylePerBatch, replayShare } = fields;
  const all = blendsPerBatch + stylePerBatch;
  if (generatorMode === 'none') return { learned: 0, drawn: all, styled: 0 };
  if (generatorMode === 'blend') {
    const drawn = Math.round(all * replayShare);
    return { learned: all - drawn, drawn, styled: 0 };
  }
  const drawn = Math.round(blendsPerBatch * replayShare);
  if (generatorMode === 'style') return { learned: 0, drawn, styled: all - drawn };
  return { learned: blendsPerBatch - drawn, drawn, styled: stylePerBatch };
}

/** Samples of one generator step: what the detector is shown of the generator, all blends learned. Nothing where both are 0. */
export function generatorCounts(fields: BatchFields): { blends: number; styles: number } {
  const { learned, drawn, styled } = sampleCounts(fields);
  return { blends: learned === 0 ? 0 : learned + drawn, styles: styled };
}

/** False where no sample is made by the generator, which then has no steps. */
export function generatorTrains(fields: BatchFields): boolean {
  const { blends, styles } = generatorCounts(fields);
  return blends + styles > 0;
}
