/**
 * Time stamps of the audit log's head: RFC 3161 tokens that an authority elsewhere signed, since the program has no
 * network. A token over the hash of entry N says that the entries up to N were there at its time.
 */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { auditHead } from './audit.ts';
import { empty, id, sha256, timestamp } from './common.ts';
import { pathToRead } from './host-path.ts';

export const timeStamp = z.object({
  id,
  /** What was stamped: the head of the log as it was, its hash being the token's message imprint. */
  head: auditHead,
  /** As the authority's clock said. */
  at: timestamp,
  /** How far that may be off either way, as the token says; null where it does not. */
  accuracyMs: z.number().nonnegative().nullable(),
  /** Subject of the certificate whose key signed the token. */
  authority: z.string(),
  issuer: z.string(),
  /** Of that certificate. */
  certificateSha256: sha256,
  /** Of the token, hexadecimal. */
  serial: z.string(),
  /** Object identifier of the policy that it was issued under. */
  policy: z.string(),
  /**
   * Whether the authority's certificate leads to one that the person gave as trusted. Without one, anybody may have made
   * it, under any name. Revocation is not looked up in either case.
   */
  chain: z.enum(['not-judged', 'trusted']),
  /** The token as a file of the store. */
  token: sha256,
  importedAt: timestamp,
});
export type TimeStamp = z.infer<typeof timeStamp>;

const chains: Record<TimeStamp['chain'], string> = {
  trusted: 'its certificate leads to one that was given as trusted; revocation was not looked up',
  'not-judged': 'whether its certificate can be trusted was not judged, because no trusted one was given',
};

/** What a stamp says, in one sentence that claims no more than was checked. */
export function timeStampText({ head, at, accuracyMs, authority, chain }: TimeStamp): string {
  const accuracy = accuracyMs === null ? '' : ` (give or take ${accuracyMs / 1000} s)`;
  return `Entries 1 to ${head.entries} were there at ${new Date(at).toISOString()}${accuracy}, says ${authority}; ${chains[chain]}.`;
}

export const timeStampsApi = {
  /** Oldest head first. */
  list: query(empty, z.object({ timeStamps: z.array(timeStamp) })),
  /** The head as it is now. Its hash, a SHA-256, is the digest to be stamped; `request` is the same as an RFC 3161 request. */
  request: query(empty, z.object({ head: auditHead, request: z.base64() })),
  /**
   * Takes a token in (a response, .tsr, or a bare token, .tst). `trust` names files with certificates, PEM or DER, to one
   * of which the authority's must lead.
   */
  import: mutation(z.object({ path: pathToRead, trust: z.array(pathToRead).default([]) }), timeStamp),
};
