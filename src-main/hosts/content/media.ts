/**
 * Blobs by their hash, `/media/<sha256>`, and originals as tiles, `/media/<sha256>/tiles/<level>/<x>/<y>`. Nothing but a
 * hash names a file, so nothing but a blob or an original can be named.
 */
import { stat } from 'node:fs/promises';
import { sha256 } from '#contract/common.ts';
import type { TilePlace } from '#contract/media.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import { fileResponse, plainResponse } from './file-response.ts';
import { errorResponse } from './error-response.ts';
import { inertPolicy } from './security-headers.ts';

/** Where blobs are looked up. */
export interface MediaSource {
  /** The blob's file, its size in bytes and its content type; null where there is no such blob. */
  find(hash: string): Promise<{ path: string; bytes: number; contentType: string } | null>;
  /** A tile of an original as PNG; null where there is none. Errors: why the original may not be shown. */
  tile(hash: string, place: TilePlace): Promise<Uint8Array | null>;
}

/** The blobs of a workspace, and its originals as `tiles` gives them. A file that is gone, or has another size than was taken in, is not there. */
export const blobMedia = (
  blobs: BlobStore,
  tiles: Pick<MediaSource, 'tile'> & { expect(): void },
): MediaSource => ({
  tile: (hash, place) => tiles.tile(hash, place),
  async find(hash) {
    // Whoever sees thumbnails may open one of the pictures next.
    tiles.expect();
    const info = await blobs.find(hash);
    if (!info) return null;
    const path = blobs.pathOf(hash);
    const onDisk = await stat(path).catch(() => null);
    return onDisk?.size === info.bytes ? { path, bytes: info.bytes, contentType: info.mediaType } : null;
  },
});

/** Types that browsers show or that the renderer reads; anything else is handed over as bytes to be saved. */
const shown = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/avif', 'image/gif']);

const tilePattern = /^\/media\/([0-9a-f]{64})\/tiles\/(\d{1,2})\/(\d{1,5})\/(\d{1,5})$/;

async function tileResponse(
  source: MediaSource,
  [, hash = '', level, x, y]: RegExpExecArray,
  headers: Record<string, string>,
): Promise<Response> {
  try {
    const place = { level: Number(level), x: Number(x), y: Number(y) };
    const png = await source.tile(hash, place);
    if (!png) return plainResponse(404, 'No such tile.', headers);
    // Not kept by the browser: whether the original is still what was taken in is asked again.
    return new Response(Uint8Array.from(png), {
      headers: { ...headers, 'content-type': 'image/png', 'cache-control': 'no-store' },
    });
  } catch (cause) {
    return errorResponse(cause, headers);
  }
}

/**
 * Answers for one blob or tile. A blob is content-addressed, so it may be kept for ever. `headers` are the host's own.
 */
export async function mediaResponse(
  source: MediaSource,
  request: Request,
  headers: Record<string, string>,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const tile = tilePattern.exec(pathname);
  if (tile) return tileResponse(source, tile, headers);
  const hash = sha256.safeParse(pathname.slice('/media/'.length));
  const blob = pathname.startsWith('/media/') && hash.success ? await source.find(hash.data) : null;
  if (!blob || !hash.success) return plainResponse(404, 'No such blob.', headers);
  const inline = shown.has(blob.contentType);
  return fileResponse(request, {
    path: blob.path,
    bytes: blob.bytes,
    contentType: inline ? blob.contentType : 'application/octet-stream',
    etag: `"${hash.data}"`,
    headers: {
      ...headers,
      'cache-control': 'private, max-age=31536000, immutable',
      'content-security-policy': inertPolicy,
      ...(inline ? {} : { 'content-disposition': 'attachment' }),
    },
  });
}
