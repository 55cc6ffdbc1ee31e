/** Which frequency branches the detector has: "at least one of" global and local, as claims 8 and 9 allow, or neither. */
export const frequencyBandChoices = ['both', 'global', 'local', 'none'] as const;
export type FrequencyBands = (typeof frequencyBandChoices)[number];

/** The geometry that generator and detector share. */
export interface NetworkConfig {
  /** Side of a crop, in pixels; a multiple of 32. 64 trains on two cores in minutes; every map doubles at 128. */
  crop: number;
  /** k, the number of mask kernels and of map kernels, at least 1. 4 is what the method was measured with. */
  kernels: number;
  /** r, the rank that the local branch keeps of each crop's block coefficients. 8 of 64 keeps about half of the energy. */
  rank: number;
  /** Orthogonal iterations for the rank-r subspace. 2 passes, each of two products, come close to the exact subspace. */
  subspacePasses: number;
  /** The detector's frequency branches. `both` is the method; the others are for ablation. */
  frequencyBands: FrequencyBands;
}

export const hasGlobalBand = ({ frequencyBands }: NetworkConfig): boolean =>
  frequencyBands === 'both' || frequencyBands === 'global';
export const hasLocalBand = ({ frequencyBands }: NetworkConfig): boolean =>
  frequencyBands === 'both' || frequencyBands === 'local';

export type Branch = 'spatial' | 'global' | 'local';
/** The ways in which the detector reads a crop, in the order in which they are fused. */
export const branchesOf = (config: NetworkConfig): Branch[] => [
  'spatial',
  ...(hasGlobalBand(config) ? (['global'] as const) : []),
  ...(hasLocalBand(config) ? (['local'] as const) : []),
];

/** Side of the simulated masks M_i and the simulated-real maps P_i: a quarter of the crop. */
export const mapSide = (config: NetworkConfig): number => config.crop / 4;

/** @throws Error that names the field and what it must be. */
export function checkNetworkConfig(config: NetworkConfig): void {
  const { crop, kernels, rank, subspacePasses } = config;
  if (!Number.isInteger(crop) || crop < 64 || crop % 32)
    throw new Error(`crop is ${crop}; it must be a multiple of 32, from 64`);
  if (!Number.isInteger(kernels) || kernels < 1 || kernels > 16)
    throw new Error(`kernels is ${kernels}; it must be 1 to 16`);
  if (!Number.isInteger(rank) || rank < 1 || rank > 63)
    throw new Error(`rank is ${rank}; it must be 1 to 63`);
  if (!Number.isInteger(subspacePasses) || subspacePasses < 1 || subspacePasses > 16) {
    throw new Error(`subspacePasses is ${subspacePasses}; it must be 1 to 16`);
  }
}
