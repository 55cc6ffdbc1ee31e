/** Content credentials: none, unreadable, invalid, intact and trusted are kept apart. */
import { beforeAll, expect, test } from 'vitest';
import { contentCredentials } from '#analysis/content-credentials/method.ts';
import { samplePicture } from '#tests/support/sample-files.ts';
import { runAnalysis } from './run-analysis.ts';
import { otherRoot, signedPicture, testRoot } from './signed-picture.ts';

let jpeg: Buffer;
let signed: Buffer;
beforeAll(async () => {
  jpeg = await samplePicture().jpeg().toBuffer();
  signed = await signedPicture(jpeg, 'digitalCapture');
});

const codes = async (bytes: Buffer, parameters = {}): Promise<string[]> =>
  (await runAnalysis(contentCredentials, bytes, parameters)).findings.map(({ code }) => code);

test('a file without a manifest has none, in every format', async () => {
  expect(await codes(jpeg)).toEqual(['no-manifest']);
  for (const format of ['png', 'webp', 'tiff'] as const)
    expect(await codes(await samplePicture().toFormat(format).toBuffer())).toEqual(['no-manifest']);
});

test('an intact manifest names its signer, and trust is not judged without a list', async () => {
  const { findings, details } = await runAnalysis(contentCredentials, signed);
  expect(findings.map(({ code }) => code)).toEqual([
    ...['manifest-intact', 'signer', 'trust-not-checked', 'no-time-stamp', 'revocation-not-checked'],
  ]);
  expect(findings[1]!.sentence).toContain('Test signer, Pentimento tests');
  expect(details!['manifests']).toMatchObject([
    { active: true, title: 'a test', actions: [{ action: 'c2pa.created' }] },
  ]);
});

test('a signer is trusted where the list has the root of its certificate, and only there', async () => {
  const dated = { trustListDate: '2026-01-01' };
  const { findings } = await runAnalysis(contentCredentials, signed, { trustAnchors: testRoot, ...dated });
  expect(findings[2]).toMatchObject({
    code: 'signer-trusted',
    sentence: 'The signer is on the trust list of 2026-01-01.',
  });
  expect(await codes(signed, { trustAnchors: otherRoot })).toContain('signer-untrusted');
  await expect(codes(signed, { trustAnchors: 'no certificate' })).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

test('signers are judged by the imported trust list, which the result names with its date and hash, unless certificates are given', async () => {
  const trust = { name: 'Trusted', date: '2026-11-01', sha256: 'a'.repeat(64), pem: testRoot };
  const judged = await runAnalysis(contentCredentials, signed, {}, 'a.jpg', [], { trust });
  expect(judged.findings[2]).toMatchObject({
    code: 'signer-trusted',
    sentence: 'The signer is on the trust list of 2026-11-01.',
  });
  expect(judged.details!['trustList']).toEqual({
    name: 'Trusted',
    date: '2026-11-01',
    sha256: 'a'.repeat(64),
  });
  const given = { trustAnchors: otherRoot, trustListDate: '2026-01-01' };
  const other = await runAnalysis(contentCredentials, signed, given, 'a.jpg', [], { trust });
  expect(other.findings[2]!.code).toBe('signer-untrusted');
  expect(other.details!['trustList']).toBeNull();
});

test('a picture that was changed after it was signed has an invalid manifest', async () => {
  const changed = Buffer.from(signed);
  changed[changed.length - 40]! ^= 1;
  const { findings } = await runAnalysis(contentCredentials, changed);
  expect(findings[0]).toMatchObject({
    ...{
      code: 'manifest-invalid',
      severity: 'contradiction',
      data: { problems: ['assertion.dataHash.mismatch'] },
    },
  });
});

test('a manifest that is cut off is unreadable, not absent', async () => {
  const spoilt = Buffer.from(signed);
  const at = spoilt.indexOf('jumb');
  spoilt.writeUInt32BE(0x7fffffff, at - 4);
  spoilt.fill(0xaa, at + 40, at + 80);
  const { findings } = await runAnalysis(contentCredentials, spoilt);
  expect(findings).toMatchObject([{ code: 'manifest-unreadable', severity: 'unreadable' }]);
});

test('a picture that says that it was made by an algorithm is told so', async () => {
  expect(await codes(await signedPicture(jpeg, 'trainedAlgorithmicMedia'))).toContain('synthetic-media');
});
