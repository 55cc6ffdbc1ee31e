/**
 * One text for each JSON value, so that it can be hashed: RFC 8785 (JSON Canonicalization Scheme). Members are sorted by
 * the UTF-16 units of their names, there is no white space, and numbers and strings are written as ECMAScript writes
 * them. Members that are `undefined` are left out, as JSON does.
 */
import { createHash } from 'node:crypto';
import type { JsonValue } from '#contract/audit.ts';

/** @throws RangeError for a number that JSON cannot hold (NaN, an infinity) */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new RangeError(`canonicalJson: ${value} is no number of JSON`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members: string[] = [];
  for (const name of Object.keys(value).toSorted(byUnits)) {
    const member = value[name];
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

/** SHA-256 of the canonical text in UTF-8, as lower-case hexadecimal. */
export const canonicalDigest = (value: JsonValue): string =>
  createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');

const byUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);
