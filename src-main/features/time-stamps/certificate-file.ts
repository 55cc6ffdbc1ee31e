/** Files of certificates that a person trusts: PEM with one or several, or DER with one. */
import { X509Certificate } from 'node:crypto';
import { Certificate } from 'pkijs';
import { AppError } from '#contract/errors.ts';

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates as one PEM text. Errors: `invalid_input`. */
export function pemOf(file: Buffer, name: string): string {
  const blocks = file.toString('latin1').match(block);
  try {
    return (blocks ?? [file]).map((one) => new X509Certificate(one).toString()).join('');
  } catch (cause) {
    throw new AppError('invalid_input', `${name} holds no certificate, in PEM or in DER.`, { cause });
  }
}

export const certificatesOf = (pem: string): Certificate[] =>
  (pem.match(block) ?? []).map((one) => Certificate.fromBER(new Uint8Array(new X509Certificate(one).raw)));
