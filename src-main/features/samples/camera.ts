/**
 * Rendered cameras: what turns linear light into an 8-bit photograph. Lens blur and vignetting, Bayer mosaic, photon and
 * read noise with a pattern that is fixed for each camera (as photo-response non-uniformity is), demosaicing, white
 * balance, tone curve, sharpening.
 *
 * Sources: J. Lukáš, J. Fridrich, M. Goljan, IEEE TIFS 1(2), 2006 (the fixed pattern); H. Malvar, L. He, R. Cutler, ICASSP
 * 2004 (demosaicing). The cameras are inventions of this program and stand for no product.
 */
import type { RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { blur, clamp01, mix, type Canvas } from './scene-canvas.ts';
import { demosaic } from './demosaic.ts';

export interface Camera {
  name: string;
  /** Deviation of the lens's blur, in pixels. */
  lensBlur: number;
  /** Share of light lost in the corners. */
  vignetting: number;
  /** Column and row of the first red site. */
  bayerPhase: readonly [number, number];
  /** Electrons that a well exposed white gives. */
  fullWell: number;
  /** Electrons. */
  readNoise: number;
  /** Deviation of the pixels' sensitivity around 1: the fixed pattern. */
  patternDeviation: number;
  /** Gains of red and blue that make grey grey. */
  balance: readonly [red: number, blue: number];
  demosaicing: 'bilinear' | 'malvar';
  /** Steepness of the tone curve's S; 0 is plain sRGB. */
  contrast: number;
  /** Share of the fine detail that is added again. */
  sharpening: number;
  jpeg: { quality: number; chromaSubsampling: '4:4:4' | '4:2:0' };
}

export const cameras: readonly Camera[] = [
  {
    name: 'rendered-a',
    lensBlur: 0.62,
    vignetting: 0.18,
    bayerPhase: [0, 0],
    fullWell: 6000,
    readNoise: 5,
    patternDeviation: 0.012,
    balance: [1.9, 1.5],
    demosaicing: 'malvar',
    contrast: 0.25,
    sharpening: 0.35,
    jpeg: { quality: 95, chromaSubsampling: '4:4:4' },
  },
  {
    name: 'rendered-b',
    lensBlur: 0.75,
    vignetting: 0.3,
    bayerPhase: [1, 0],
    fullWell: 3000,
    readNoise: 7,
    patternDeviation: 0.016,
    balance: [2.1, 1.4],
    demosaicing: 'bilinear',
    contrast: 0.4,
    sharpening: 0.6,
    jpeg: { quality: 90, chromaSubsampling: '4:2:0' },
  },
  {
    name: 'rendered-c',
    lensBlur: 0.55,
    vignetting: 0.1,
    bayerPhase: [0, 1],
    fullWell: 12000,
    readNoise: 4,
    patternDeviation: 0.01,
    balance: [1.7, 1.7],
    demosaicing: 'malvar',
    contrast: 0.15,
    sharpening: 0.2,
    jpeg: { quality: 97, chromaSubsampling: '4:4:4' },
  },
  {
    name: 'rendered-d',
    lensBlur: 0.85,
    vignetting: 0.25,
    bayerPhase: [1, 1],
    fullWell: 4500,
    readNoise: 6,
    patternDeviation: 0.014,
    balance: [2, 1.6],
    demosaicing: 'malvar',
    contrast: 0.5,
    sharpening: 0.8,
    jpeg: { quality: 88, chromaSubsampling: '4:2:0' },
  },
];

/** Sensitivity of each site around 1. A smaller sensor is the upper left corner of a larger one. */
function fixedPattern(camera: Camera, width: number, height: number): Float32Array {
  const pattern = new Float32Array(width * height);
  const sensor = new Random(`fixed pattern of ${camera.name}`);
  for (let y = 0; y < height; y++) {
    const row = sensor.fork(String(y));
    for (let x = 0; x < width; x++) pattern[y * width + x] = row.normal(1, camera.patternDeviation);
  }
  return pattern;
}

/** sRGB transfer followed by a gentle S, tabulated over [0, 1]. */
function toneTable(contrast: number): Float32Array {
  return Float32Array.from({ length: 4097 }, (_, i) => {
    const linear = i / 4096;
    const encoded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
    return mix(encoded, encoded * encoded * (3 - 2 * encoded), contrast);
  });
}

/** A camera body ready for pictures of one size; it keeps its fixed pattern between exposures. */
export function openCamera(
  camera: Camera,
  width: number,
  height: number,
): (canvas: Canvas, random: Random) => RgbImage {
  const pattern = fixedPattern(camera, width, height);
  const tone = toneTable(camera.contrast);
  const gains = [camera.balance[0], 1, camera.balance[1]] as const;
  const [phaseX, phaseY] = camera.bayerPhase;
  /** 0, 1, 2 for the colour of a site. */
  const colourAt = (x: number, y: number): number => ((x + phaseX) & 1) + ((y + phaseY) & 1);

  return (canvas, random) => {
    blur(canvas, camera.lensBlur);
    const raw = new Float32Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const c = colourAt(x, y);
        const r2 = ((2 * x) / width - 1) ** 2 / 2 + ((2 * y) / height - 1) ** 2 / 2;
        const light = canvas.light[i * 3 + c]! * (1 - camera.vignetting * r2);
        const electrons = ((Math.min(light, 1.3) * camera.fullWell) / gains[c]!) * pattern[i]!;
        const noise = Math.sqrt(electrons + camera.readNoise ** 2);
        raw[i] = ((electrons + noise * random.normal()) * gains[c]!) / camera.fullWell;
      }
    const linear = demosaic(raw, width, height, colourAt, camera.demosaicing);
    const encoded = linear.map((value) => 255 * tone[Math.round(4096 * clamp01(value))]!);
    return { width, height, data: sharpened(encoded, width, height, camera.sharpening) };
  };
}

/** Adds a share of the difference from the 3x3 mean, and rounds to 8 bits. */
function sharpened(values: Float32Array, width: number, height: number, share: number): Uint8Array {
  const out = new Uint8Array(values.length);
  const span = width * 3;
  const column = new Float32Array(span);
  for (let y = 0; y < height; y++) {
    const above = Math.max(0, y - 1) * span;
    const here = y * span;
    const below = Math.min(height - 1, y + 1) * span;
    for (let i = 0; i < span; i++) column[i] = values[above + i]! + values[here + i]! + values[below + i]!;
    for (let i = 0; i < span; i++) {
      const left = i >= 3 ? column[i - 3]! : column[i]!;
      const right = i < span - 3 ? column[i + 3]! : column[i]!;
      const value = values[here + i]!;
      const sharp = value + share * (value - (left + column[i]! + right) / 9);
      out[here + i] = Math.max(0, Math.min(255, Math.round(sharp)));
    }
  }
  return out;
}
