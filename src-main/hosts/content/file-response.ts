/** A file as a web `Response`, whole or in part: what both the headless host and Electron's protocols answer with. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';

export interface ServedFile {
  path: string;
  bytes: number;
  contentType: string;
  /** A quoted entity tag; answers 304 where the asker has it. */
  etag?: string;
  headers: Record<string, string>;
}
type Range = { start: number; end: number };

/** The one byte range asked for; `null` where none is, or several are; `unsatisfiable` where it lies outside. */
export function parseRange(header: string | null, bytes: number): Range | null | 'unsatisfiable' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  const suffixOfNothing = first === '' && Number(last) === 0;
  return start >= bytes || end < start || suffixOfNothing ? 'unsatisfiable' : { start, end };
}

/** Answers GET and HEAD requests for the file, with ranges and conditional requests. */
export function fileResponse(request: Request, file: ServedFile): Response {
  const headers = new Headers({ ...file.headers, 'accept-ranges': 'bytes' });
  if (file.etag !== undefined) headers.set('etag', file.etag);
  if (file.etag !== undefined && request.headers.get('if-none-match') === file.etag)
    return new Response(null, { status: 304, headers });
  headers.set('content-type', file.contentType);
  const range = parseRange(request.headers.get('range'), file.bytes);
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${file.bytes}`);
    return new Response(null, { status: 416, headers });
  }
  const { start, end } = range ?? { start: 0, end: file.bytes - 1 };
  headers.set('content-length', String(end - start + 1));
  if (range) headers.set('content-range', `bytes ${start}-${end}/${file.bytes}`);
  const wanted = request.method !== 'HEAD' && end >= start;
  const body = wanted ? (Readable.toWeb(createReadStream(file.path, { start, end })) as WebStream) : null;
  return new Response(body as ReadableStream | null, { status: range ? 206 : 200, headers });
}

/** A short answer in plain text. */
export const plainResponse = (status: number, text: string, headers: Record<string, string> = {}): Response =>
  new Response(`${text}\n`, { status, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } });
