/**
 * Verifies RFC 3161 tokens: that they are of the given text, that their CMS signature holds, and that the certificate
 * which signed them is there, was made for time stamps (RFC 3161, 2.3), was valid at their time, and is the one that the
 * signature itself names (ESSCertID, RFC 2634 and 5816). Whether that certificate is to be trusted is judged only where
 * trusted ones are given; revocation, which takes a network, is not looked up.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { OctetString, Sequence } from 'asn1js';
import type { Certificate } from 'pkijs';
import { ExtKeyUsage, getCrypto, type SignerInfo, type Attribute } from 'pkijs';
import { AppError } from '#contract/errors.ts';
import { distinguishedName } from './distinguished-name.ts';
import { hex, invalidToken, type Token } from './read-token.ts';

export type TokenFacts = {
  at: number;
  accuracyMs: number | null;
  authority: string;
  issuer: string;
  certificateSha256: string;
  serial: string;
  policy: string;
};

const extendedKeyUsage = '2.5.29.37';
const forTimeStamps = '1.3.6.1.5.5.7.3.8';
const contentType = '1.2.840.113549.1.9.3';
const timeStampInfo = '1.2.840.113549.1.9.16.1.4';
/** ESSCertID holds a SHA-1, ESSCertIDv2 by default a SHA-256. */
const certificateIds = { '1.2.840.113549.1.9.16.2.12': 'sha1', '1.2.840.113549.1.9.16.2.47': 'sha256' };
const digests: Record<string, string> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/**
 * @param of.text what was hashed to get the stamped digest
 * @param of.trusted to one of these the signer's certificate must lead; empty: its chain is not judged
 * Errors: `time_stamp_invalid`, `time_stamp_untrusted`.
 */
export async function verifyToken(
  { signed, info }: Token,
  { text, trusted }: { text: string; trusted: readonly Certificate[] },
): Promise<TokenFacts> {
  const [signer] = signed.signerInfos;
  if (!signer || signed.signerInfos.length !== 1)
    throw invalidToken('The token is not signed by exactly one authority.');
  refuseWeak(signer);
  const result = await signed
    .verify({
      ...{ signer: 0, data: Uint8Array.from(Buffer.from(text, 'utf8')).buffer, extendedMode: true },
      ...{ checkChain: trusted.length > 0, trustedCerts: [...trusted], passedWhenNotRevValues: true },
    })
    .catch((error: unknown) => {
      throw explain(error);
    });
  const certificate = result.signerCertificate;
  if (result.signatureVerified !== true || !certificate)
    throw invalidToken('The signature of the token does not hold.');
  const der = Buffer.from(certificate.toSchema().toBER());
  refuseOtherContent(signer);
  refuseOtherSigner(signer, der);
  refuseUnfit(certificate, info.genTime);
  const { seconds = 0, millis = 0, micros = 0 } = info.accuracy ?? {};
  return {
    at: info.genTime.getTime(),
    accuracyMs: info.accuracy ? seconds * 1000 + millis + micros / 1000 : null,
    authority: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    certificateSha256: createHash('sha256').update(der).digest('hex'),
    serial: hex(info.serialNumber.valueBlock.valueHexView),
    policy: info.policy,
  };
}

/** What pkijs says, as a failure of the token or of its chain. */
function explain(error: unknown): AppError {
  const { message, code } = error as { message: string; code?: number };
  if (code === 5)
    return new AppError(
      'time_stamp_untrusted',
      `The certificate of the authority does not lead to a trusted one that was given: ${message}`,
    );
  if (code === 2 || code === 3)
    return invalidToken('The token does not hold the certificate of its authority.');
  return invalidToken(`The token cannot be verified: ${message}`);
}

function refuseWeak(signer: SignerInfo): void {
  const own = getCrypto(true).getHashAlgorithm(signer.signatureAlgorithm);
  if (!(signer.digestAlgorithm.algorithmId in digests) || own === 'SHA-1')
    throw invalidToken('The token is signed over a digest other than SHA-256, SHA-384 or SHA-512.');
}

const attribute = (signer: SignerInfo, type: string): Attribute | undefined =>
  signer.signedAttrs?.attributes.find((one) => one.type === type);

function refuseOtherContent(signer: SignerInfo): void {
  const type: unknown = attribute(signer, contentType)?.values[0]?.valueBlock.toString();
  if (type !== timeStampInfo) throw invalidToken('The signature of the token is not over a time stamp.');
}

/** The certificate must be the one that the signature names, not another one of the same key or name. */
function refuseOtherSigner(signer: SignerInfo, certificate: Buffer): void {
  for (const [type, preset] of Object.entries(certificateIds)) {
    const [value] = attribute(signer, type)?.values ?? [];
    if (!(value instanceof Sequence)) continue;
    const [list] = value.valueBlock.value;
    const [first] = list instanceof Sequence ? list.valueBlock.value : [];
    const parts = first instanceof Sequence ? first.valueBlock.value : [];
    const hash = parts.find((part) => part instanceof OctetString);
    const [algorithm] = parts[0] instanceof Sequence ? parts[0].valueBlock.value : [];
    const digest = algorithm ? digests[algorithm.valueBlock.toString()] : preset;
    if (!hash || digest === undefined) continue;
    const wanted = Buffer.from(hash.valueBlock.valueHexView);
    const found = createHash(digest).update(certificate).digest();
    if (wanted.length === found.length && timingSafeEqual(wanted, found)) return;
    throw invalidToken('The token was signed with another certificate than the one in it.');
  }
  throw invalidToken('The signature of the token does not name the certificate that made it.');
}

function refuseUnfit(certificate: Certificate, at: Date): void {
  const usage = certificate.extensions?.find(({ extnID }) => extnID === extendedKeyUsage);
  const purposes = usage?.parsedValue instanceof ExtKeyUsage ? usage.parsedValue.keyPurposes : [];
  if (!usage?.critical || purposes.length !== 1 || purposes[0] !== forTimeStamps)
    throw invalidToken('The certificate of the token was not made for time stamps.');
  if (at < certificate.notBefore.value || at > certificate.notAfter.value)
    throw invalidToken('The certificate of the token was not valid at the time of the token.');
}
