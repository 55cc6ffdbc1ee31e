/** A case to try the program with: rendered scenes, half of them forged, taken in as any other evidence is. */
import sharp from 'sharp';
import { renderedNotice } from '#compute/decoding/rendered-notice.ts';
import { AppError } from '#contract/errors.ts';
import { forge, forgeryOperations } from '#engine/evaluation/forgeries.ts';
import type { RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import type { CaseService } from '#features/cases/case.service.ts';
import type { RenderedScene } from '#features/samples/scene-renderer.ts';
import type { EvidenceService } from './evidence.service.ts';

const name = 'Sample case';
const notes =
  'Scenes that this program rendered, to try it with. Those whose names begin with "forged" were changed by it: a part was pasted in, ' +
  'copied within the picture, or painted over.';
const operations = forgeryOperations.slice(0, 3);
/** Not that of the sample scenes that a dataset gets, so that nothing is judged that was learnt from. */
const seed = 7919;
const quality = 95;

export interface SampleCaseParts {
  cases: CaseService;
  evidence: EvidenceService;
  renderScenes: (count: number, seed: number) => AsyncIterable<RenderedScene>;
}

/**
 * Makes the sample case; where it is there already, answers with that one, filled up if it was cut off while it was made.
 * Errors: those of taking evidence in.
 */
export async function takeSampleCase({
  cases,
  evidence,
  renderScenes,
}: SampleCaseParts): Promise<{ caseId: string }> {
  const present = await cases.overview(name).catch((error: unknown) => {
    if (AppError.from(error).code === 'not_found') return null;
    throw error;
  });
  if (present && (present.status !== 'open' || present.items >= 2 * operations.length))
    return { caseId: present.id };
  const { id: caseId } = present ?? (await cases.create({ name, notes, tags: ['sample'] }));
  const scenes: RgbImage[] = [];
  for await (const { bytes } of renderScenes(2 * operations.length, seed)) scenes.push(await pixelsOf(bytes));
  for (const [i, operation] of operations.entries()) {
    const [image, untouched] = [scenes[2 * i]!, scenes[2 * i + 1]!];
    const forged = forge(operation, image, { random: new Random(`sample ${operation}`), donor: untouched });
    await take(`forged-${operation}.jpg`, forged.image);
    await take(`untouched-${i + 1}.jpg`, untouched);
  }
  return { caseId };

  async function take(called: string, image: RgbImage): Promise<void> {
    await evidence.takeBytes(caseId, called, pieces(await jpegOf(image)));
  }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function pixelsOf(file: Uint8Array): Promise<RgbImage> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** All saved alike, forged and untouched, with the mark of rendered pictures. */
const jpegOf = ({ width, height, data }: RgbImage): Promise<Buffer> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .withExif({ IFD0: { ImageDescription: renderedNotice } })
    .toBuffer();
