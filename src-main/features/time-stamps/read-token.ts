/** Reads RFC 3161 tokens: a response of an authority (.tsr) or the bare token (.tst), in DER or BER. It verifies nothing. */
import { ObjectIdentifier, OctetString, Sequence, fromBER } from 'asn1js';
import { ContentInfo, SignedData, TSTInfo, TimeStampResp } from 'pkijs';
import { AppError } from '#contract/errors.ts';

const signedData = '1.2.840.113549.1.7.2';
const timeStampInfo = '1.2.840.113549.1.9.16.1.4';
const sha256 = '2.16.840.1.101.3.4.2.1';

export type Token = {
  signed: SignedData;
  info: TSTInfo;
  /** The stamped digest, a SHA-256 in hexadecimal. */
  digest: string;
};

export const invalidToken = (message: string): AppError => new AppError('time_stamp_invalid', message);

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Errors: `time_stamp_invalid`. */
export function readToken(bytes: Uint8Array): Token {
  try {
    const { result, offset } = fromBER(bytes);
    if (offset !== bytes.length || !(result instanceof Sequence))
      throw invalidToken('The file is not a time-stamp token.');
    const isBare = result.valueBlock.value[0] instanceof ObjectIdentifier;
    const holder = isBare
      ? new ContentInfo({ schema: result })
      : tokenOf(new TimeStampResp({ schema: result }));
    if (holder.contentType !== signedData) throw invalidToken('The file is not a time-stamp token.');
    const signed = new SignedData({ schema: holder.content as Sequence });
    const { eContentType, eContent } = signed.encapContentInfo;
    if (eContentType !== timeStampInfo || !eContent)
      throw invalidToken('What was signed there is not a time stamp.');
    const content = eContent.getValue();
    // In one piece, which BER need not be: pkijs reads only that.
    signed.encapContentInfo.eContent = new OctetString({ valueHex: content });
    const info = TSTInfo.fromBER(content);
    const { hashAlgorithm, hashedMessage } = info.messageImprint;
    const digest = hex(hashedMessage.valueBlock.valueHexView);
    if (hashAlgorithm.algorithmId !== sha256 || digest.length !== 64)
      throw invalidToken('The token is not of a SHA-256 digest.');
    return { signed, info, digest };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw invalidToken('The file is not a time-stamp token.');
  }
}

function tokenOf({ status, timeStampToken }: TimeStampResp): ContentInfo {
  // 0 granted, 1 granted with modifications; anything else comes without a token.
  if (timeStampToken && (status.status as number) <= 1) return timeStampToken;
  const reason = status.statusStrings?.map((text) => text.valueBlock.value).join(' ') ?? '';
  throw invalidToken(`The authority refused (status ${status.status})${reason ? `: ${reason}` : '.'}`);
}
