/** One text a value, as RFC 8785 writes it. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalDigest, canonicalJson } from '#storage/canonical-json.ts';

test('the example of RFC 8785 comes out as the RFC prints it', () => {
  const value = {
    numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('members are sorted by UTF-16 units at every depth, whatever their order was', () => {
  const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
  const value = Object.fromEntries(names.map((name) => [name, { b: 1, a: [{ d: 2, c: 3 }] }]));
  const inner = '{"a":[{"c":3,"d":2}],"b":1}';
  const sorted = ['\\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
  expect(canonicalJson(value)).toBe(`{${sorted.map((name) => `"${name}":${inner}`).join(',')}}`);
});

test('what is undefined is left out, and what is no number of JSON is refused', () => {
  expect(canonicalJson({ b: undefined, a: -0 })).toBe('{"a":0}');
  for (const number of [NaN, Infinity, -Infinity])
    expect(() => canonicalJson({ number: [number] })).toThrow('is no number of JSON');
});

test('the digest is SHA-256 of the text in UTF-8', () => {
  const expected = createHash('sha256').update('{"a":"€"}', 'utf8').digest('hex');
  expect(canonicalDigest({ a: '€' })).toBe(expected);
});
