/** The file of a report: what a program finds in it again, and what of it differs whenever one is written. */
import { createHash } from 'node:crypto';
import { AppError } from '#contract/errors.ts';
import type { ReportInput } from './render-report.ts';
import { unpackData } from './report-data.ts';
import type { ReportImage } from './report-images.ts';

/** A report of 500 pictures has some 60 MB. */
export const reportBytesAtMost = 256 * 1024 * 1024;

const meta = (text: string, name: string): string | null =>
  new RegExp(`<meta name="pentimento:${name}" content="([^"]*)">`).exec(text)?.[1] ?? null;

/** Whether the text is meant to be a report at all. */
export const looksLikeReport = (text: string): boolean =>
  text.startsWith('<!doctype html>') && meta(text.slice(0, 4000), 'varies') !== null;

/** Errors: `report_invalid` where it is no report, or its data cannot be read. */
export function parseReport(text: string): ReportInput {
  const [written, log, data] = [meta(text, 'written'), meta(text, 'log'), meta(text, 'data')];
  const head = /^(\d{1,15}) ([0-9a-f]{64})$/.exec(log ?? '');
  if (!looksLikeReport(text) || !/^\d{1,15}$/.test(written ?? '') || !head || data === null)
    throw new AppError('report_invalid', 'The file is no report that Pentimento wrote.');
  const images = new Map<string, ReportImage>();
  for (const [, key, width, height, src] of text.matchAll(
    /<img data-image="([a-z0-9-]+)" width="(\d{1,5})" height="(\d{1,5})" alt="[^"]*" src="(data:image\/(?:png|jpeg);base64,[A-Za-z0-9+/=]*)">/g,
  ))
    images.set(key!, { src: src!, width: Number(width), height: Number(height) });
  return {
    data: unpackData(data),
    images,
    varying: { writtenAt: Number(written), log: { entries: Number(head[1]), hash: head[2]! } },
  };
}

/** The text with the declared fields emptied: the same for the same records, pictures and program. */
export const withoutVaryingFields = (text: string): string =>
  text
    .replace(/(<meta name="pentimento:(?:written|log)" content=")[^"]*/g, '$1')
    .replace(/(<time data-varies="written">)[^<]*/g, '$1')
    .replace(/(<span data-varies="log">).*?(<\/span><\/td>)/g, '$1$2');

export const contentDigest = (text: string): string =>
  createHash('sha256').update(withoutVaryingFields(text), 'utf8').digest('hex');
