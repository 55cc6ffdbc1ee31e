/**
 * Tiers of compression: what a detector can tell depends above all on how a picture was last saved, so that validation
 * pictures of both classes are judged in each tier, and a picture is compared only with those of its own.
 */

export const compressionTiers = ['lossless', 'jpeg_high', 'jpeg_medium'] as const;
export type CompressionTier = (typeof compressionTiers)[number];

/** Qualities of libjpeg that belong to a tier, both ends included; null where nothing is lost. */
export const tierQualities: Record<CompressionTier, { from: number; to: number } | null> = {
  lossless: null,
  jpeg_high: { from: 85, to: 100 },
  jpeg_medium: { from: 70, to: 84 },
};

/**
 * The tier of a file; null where it belongs to none: other formats, or JPEG of a lower or unknown quality.
 * @param format as file formats are named by their extension, e.g. `jpeg`, `png`
 * @param quality of libjpeg, 1 to 100; null where it is not known or not a JPEG
 */
export function tierOf(format: string, quality: number | null): CompressionTier | null {
  if (format === 'png') return 'lossless';
  if (format !== 'jpeg' || quality === null) return null;
  return (
    compressionTiers.find((tier) => {
      const range = tierQualities[tier];
      return range !== null && quality >= range.from && quality <= range.to;
    }) ?? null
  );
}
