/** Where blobs are fetched from. Fetches maps by hash and keeps the last few decoded, so that switching layers is immediate. */
import { AppError } from '#contract/errors.ts';
import { mediaPath, tilePath, type MapReference, type TilePlace } from '#contract/media.ts';
import { decodeGreyPng, type GreyPicture } from './grey-png.ts';
import { sharedText } from './text/shared.ts';

const atHost = (path: string): string => (location.protocol === 'app:' ? `media://local${path}` : path);

/** The address of a blob, for `src`, `href` and `fetch`: a scheme of its own in Electron, the page's origin elsewhere. */
export const mediaUrl = (hash: string): string => atHost(mediaPath(hash));

/** The address of a tile of an original. */
export const tileUrl = (hash: string, place: TilePlace): string => atHost(tilePath(hash, place));

const KEPT = 96;
const decoded = new Map<string, Promise<GreyPicture>>();

async function fetchMap(reference: MapReference): Promise<GreyPicture> {
  const response = await fetch(mediaUrl(reference.blob), { credentials: 'same-origin' });
  if (!response.ok) throw new AppError('file_not_found', sharedText.mapMissing(response.status));
  return decodeGreyPng(new Uint8Array(await response.arrayBuffer()));
}

/**
 * A map's samples.
 * @throws AppError `file_not_found` where the blob is gone, Error where it cannot be decoded.
 */
export function loadMap(reference: MapReference): Promise<GreyPicture> {
  const known = decoded.get(reference.blob);
  if (known) {
    decoded.delete(reference.blob);
    decoded.set(reference.blob, known);
    return known;
  }
  const loading = fetchMap(reference);
  decoded.set(reference.blob, loading);
  loading.catch(() => decoded.delete(reference.blob));
  const oldest = decoded.size > KEPT ? decoded.keys().next().value : undefined;
  if (oldest !== undefined) decoded.delete(oldest);
  return loading;
}
