/** The built renderer's files. No path leads out of their folder. */
import { stat } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';
import { fileResponse, plainResponse } from './file-response.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** The file that a request's path names, or null where the path is malformed or leads outside the folder. */
function fileFor(root: string, pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return null;
  const path = resolve(root, `.${decoded === '/' ? '/index.html' : decoded}`);
  return path.startsWith(root + sep) ? path : null;
}

/** Answers for one file of the renderer. Hashed assets may be kept for ever, pages are asked for again. */
export async function pageResponse(
  folder: string,
  request: Request,
  headers: Record<string, string>,
): Promise<Response> {
  const root = resolve(folder);
  const path = fileFor(root, new URL(request.url).pathname);
  const found = path === null ? null : await stat(path).catch(() => null);
  if (path === null || !found?.isFile()) return plainResponse(404, 'No such page.', headers);
  const hashed = path.startsWith(resolve(root, 'assets') + sep);
  return fileResponse(request, {
    path,
    bytes: found.size,
    contentType: contentTypes[extname(path)] ?? 'application/octet-stream',
    headers: { ...headers, 'cache-control': hashed ? 'private, max-age=31536000, immutable' : 'no-cache' },
  });
}
