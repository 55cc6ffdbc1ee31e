/** The two schemes that windows may load from: `app://local/` for pages, `media://local/media/<sha256>` for blobs. */
import { Readable } from 'node:stream';
import type { Protocol } from 'electron';
import { plainResponse } from '../content/file-response.ts';
import { mediaResponse, type MediaSource } from '../content/media.ts';
import { pageResponse } from '../content/pages.ts';
import { uploadResponse, type UploadTarget } from '../content/upload.ts';
import { baseHeaders, contentSecurityPolicy } from '../content/security-headers.ts';

export const pageOrigin = 'app://local';
const mediaOrigin = 'media://local';

const pageHeaders: Record<string, string> = {
  ...baseHeaders,
  'content-security-policy': contentSecurityPolicy({ connect: mediaOrigin, media: mediaOrigin }),
};
/** Blobs are of another origin than pages, and are for pages only. */
const mediaHeaders: Record<string, string> = {
  ...baseHeaders,
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': pageOrigin,
};

/** Has to be called before the application is ready, once. */
export function registerSchemes(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true };
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { ...privileges, codeCache: true } },
    { scheme: 'media', privileges: { ...privileges, corsEnabled: true } },
  ]);
}

function refusal(request: Request, host: string): Response | null {
  if (new URL(request.url).host !== host) return plainResponse(404, 'No such host.');
  return request.method === 'GET' || request.method === 'HEAD'
    ? null
    : plainResponse(405, 'Only GET and HEAD.');
}

/** Serves both schemes; `pages` is the folder of the built renderer. What is posted to `app://local/evidence` is taken in. */
export function handleSchemes(
  protocol: Pick<Protocol, 'handle'>,
  content: { pages: string; media: MediaSource; uploads: UploadTarget },
): void {
  protocol.handle('app', (request) => {
    const { host, pathname, searchParams } = new URL(request.url);
    // Only pages of the program are ever shown in its session, so that nobody else can post to it.
    if (host === 'local' && pathname === '/evidence' && request.method === 'POST')
      return uploadResponse(content.uploads, searchParams, request.body ?? Readable.from([]), pageHeaders);
    return refusal(request, 'local') ?? pageResponse(content.pages, request, pageHeaders);
  });
  protocol.handle(
    'media',
    (request) => refusal(request, 'local') ?? mediaResponse(content.media, request, mediaHeaders),
  );
}

/** Whether a window may ask for the address at all. Everything else would be the network, which is never used. */
export function mayRequest(url: string, development: boolean): boolean {
  const { protocol } = new URL(url);
  return ['app:', 'media:', 'blob:', 'data:', ...(development ? ['devtools:'] : [])].includes(protocol);
}
