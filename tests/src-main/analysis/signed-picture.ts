/** Pictures with content credentials, signed by certificates that were made for these tests and for nothing else. */
import { createPrivateKey, sign } from 'node:crypto';
import { asBlob, c2paModule } from '#analysis/content-credentials/reader.ts';

const leaf = Buffer.from(
  'MIIB3DCCAYKgAwIBAgIUd8/Iq3YisRzZGCFt4Z9vLz8x1m0wCgYIKoZIzj0EAwIwLzEZMBcGA1UECgwQUGVudGltZW50byB0ZXN0' +
    'czESMBAGA1UEAwwJVGVzdCByb290MCAXDTI2MTEyNTEzNDk0MFoYDzIxMjYxMTAxMTM0OTQwWjAxMRkwFwYDVQQKDBBQZW50aW1l' +
    'bnRvIHRlc3RzMRQwEgYDVQQDDAtUZXN0IHNpZ25lcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPd7iDSk3YI4z83pJXkwlrfo' +
    '48sPXk4q6jFh5rT/a0NxuQIO/boVuja4mhLPxT8jeaIGln/xcjhMcxDAXRPFYAWjeDB2MAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/' +
    'BAQDAgeAMBYGA1UdJQEB/wQMMAoGCCsGAQUFBwMEMB0GA1UdDgQWBBQSWT4FW0TU1N4rYl8q84XZemlumjAfBgNVHSMEGDAWgBTs' +
    'BDoYm9znsESoKpm5Hq97g8dk7zAKBggqhkjOPQQDAgNIADBFAiEAgRgl8Dp7T5zXKzbbfGK0Kg6XKRabgsb/vq5kmzh/sLECIFzg' +
    'N3U+7dcG6bqgfEGFe5PmdL/NE45dmDqLaXA03VT9',
  'base64',
);
const root = Buffer.from(
  'MIIBxTCCAWugAwIBAgIUBoEv7fG//QgczrBjvq/7c/af1oIwCgYIKoZIzj0EAwIwLzEZMBcGA1UECgwQUGVudGltZW50byB0ZXN0' +
    'czESMBAGA1UEAwwJVGVzdCByb290MCAXDTI2MTEyNTEzNDk0MFoYDzIxMjYxMTAxMTM0OTQwWjAvMRkwFwYDVQQKDBBQZW50aW1l' +
    'bnRvIHRlc3RzMRIwEAYDVQQDDAlUZXN0IHJvb3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARx1IkRQsmSB534PhYSolNLaSXO' +
    'UNVRObeUrOH1gsP3owv6oBzZqPlm+2KEEQ15znMM9j2NDU1TvLRb9TugXxMQo2MwYTAdBgNVHQ4EFgQU7AQ6GJvc57BEqCqZuR6v' +
    'e4PHZO8wHwYDVR0jBBgwFoAU7AQ6GJvc57BEqCqZuR6ve4PHZO8wDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwCgYI' +
    'KoZIzj0EAwIDSAAwRQIgHn9K9nHxEh2so2ct6/+ETk+TMAO8jhCxKq0cB+wNv3wCIQCak8nHav+eKzsCIVdFruAsrSKlF6cIdb/E' +
    'AS4g6/xMWA==',
  'base64',
);
const key = createPrivateKey({
  key: Buffer.from(
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfMlT3mw7YVOP/ef81LhQe2FTKcFXkJYs7XNZN2ahgCmhRANCAAT3' +
      'e4g0pN2COM/N6SV5MJa36OPLD15OKuoxYea0/2tDcbkCDv26Fbo2uJoSz8U/I3miBpZ/8XI4THMQwF0TxWAF',
    'base64',
  ),
  ...{ format: 'der', type: 'pkcs8' },
});
const pem = (base64: string): string => `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
/** The certificate above the signer's. */
export const testRoot: string = pem(root.toString('base64'));
/** A root that signed nothing. */
export const otherRoot: string = pem(
  'MIIBxjCCAW2gAwIBAgIUATPcBn0mUB9vTpOO+PYVq47LhpswCgYIKoZIzj0EAwIwMDEZMBcGA1UECgwQUGVudGltZW50byB0ZXN0' +
    'czETMBEGA1UEAwwKT3RoZXIgcm9vdDAgFw0yNjExMjUxMzUyMzBaGA8yMTI2MTEwMTEzNTIzMFowMDEZMBcGA1UECgwQUGVudGlt' +
    'ZW50byB0ZXN0czETMBEGA1UEAwwKT3RoZXIgcm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEn1/0Mb7CVkRycl9SJA4a0m' +
    'APiGM4uVaLcLwKL1tE1wHqJ98b3Sp92rAl8FRHn7TtBNFmxlOeYHJiGZyM/cOLCjYzBhMB0GA1UdDgQWBBQpxdJHeRKCb7PS8Q1+' +
    'jHYiK06P1DAfBgNVHSMEGDAWgBQpxdJHeRKCb7PS8Q1+jHYiK06P1DAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAK' +
    'BggqhkjOPQQDAgNHADBEAiB3eSvZJY7VW0+6fq2gEayujPsLXyYZ+LUn0S4xgth+QQIgB6+NVppJUWATx7mekRZ8Yn5aLtvAlpWI' +
    'e72pY/Hiuq4=',
);

/** The head of a CBOR item (RFC 8949, 3). */
const head = (major: number, n: number): Buffer =>
  Buffer.from(
    n < 24 ? [(major << 5) | n] : n < 256 ? [(major << 5) | 24, n] : [(major << 5) | 25, n >> 8, n & 255],
  );
const byteString = (bytes: Buffer): Buffer => Buffer.concat([head(2, bytes.length), bytes]);
const text = (value: string): Buffer => Buffer.concat([head(3, value.length), Buffer.from(value)]);
/** Algorithm ES256, and the chain of certificates (RFC 9052, 9360). */
const protectedHead = Buffer.concat([
  ...[head(5, 2), head(0, 1), Buffer.from([0x26]), Buffer.from([0x18, 33])],
  ...[head(4, 2), byteString(leaf), byteString(root)],
]);
const reserved = 4096;

/** COSE_Sign1 over a claim, padded to the bytes that are kept free for it. */
function signature(claim: Buffer): Buffer {
  const signed = Buffer.concat([
    ...[head(4, 4), text('Signature1'), byteString(protectedHead), byteString(Buffer.alloc(0))],
    byteString(claim),
  ]);
  const bytes = sign('sha256', signed, { key, dsaEncoding: 'ieee-p1363' });
  const made = (padding: number): Buffer =>
    Buffer.concat([
      ...[Buffer.from([0xd2, 0x84]), byteString(protectedHead), head(5, 1), text('pad')],
      ...[byteString(Buffer.alloc(padding)), Buffer.from([0xf6]), byteString(bytes)],
    ]);
  return made(reserved - made(300).length + 300);
}

/** The JPEG with a manifest that says how it came about. */
export async function signedPicture(jpeg: Buffer, digitalSourceType: string): Promise<Buffer> {
  const { WasmBuilder } = await c2paModule();
  const source = `http://cv.iptc.org/newscodes/digitalsourcetype/${digitalSourceType}`;
  const builder = WasmBuilder.fromJson(
    JSON.stringify({
      title: 'a test',
      claim_generator_info: [{ name: 'tests', version: '1' }],
      assertions: [
        { label: 'c2pa.actions', data: { actions: [{ action: 'c2pa.created', digitalSourceType: source }] } },
      ],
    }),
  );
  const signer = {
    ...{ alg: 'es256', reserveSize: reserved },
    sign: async (claim: Uint8Array) => new Uint8Array(signature(Buffer.from(claim))),
  };
  return Buffer.from(await builder.sign(signer, 'image/jpeg', asBlob(jpeg)));
}
