/** Time stamps of the audit log's head: what is to be stamped, and taking in what an authority made of it. */
import { readFile, stat } from 'node:fs/promises';
import { OctetString } from 'asn1js';
import { AlgorithmIdentifier, MessageImprint, TimeStampReq } from 'pkijs';
import type { AuditHead } from '#contract/audit.ts';
import { AppError } from '#contract/errors.ts';
import type { TimeStamp } from '#contract/time-stamp.ts';
import { entryText, toAuditEntry } from '#storage/audit-log.ts';
import { newId } from '#storage/new-id.ts';
import type { Workspace } from '#storage/workspace.ts';
import { certificatesOf, pemOf } from './certificate-file.ts';
import { invalidToken, readToken } from './read-token.ts';
import { TimeStampRepository, type TimeStampRow } from './time-stamp.repository.ts';
import { verifyToken } from './verify-token.ts';

const sha256 = '2.16.840.1.101.3.4.2.1';
/** Tokens and certificates have a few kilobytes. */
const largest = 1024 * 1024;

export class TimeStampService {
  readonly #workspace: Workspace;
  readonly #repository: TimeStampRepository;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.#repository = new TimeStampRepository(workspace.db);
  }

  /** Oldest head first. */
  async list(): Promise<TimeStamp[]> {
    return (await this.#repository.list()).map(toTimeStamp);
  }

  /** The head as it is now, and an RFC 3161 request for its hash, which asks for the certificate and has no nonce. */
  request(): { head: AuditHead; request: Uint8Array } {
    const head = this.#workspace.audit.head();
    const request = new TimeStampReq({
      version: 1,
      messageImprint: new MessageImprint({
        hashAlgorithm: new AlgorithmIdentifier({ algorithmId: sha256 }),
        hashedMessage: new OctetString({ valueHex: Buffer.from(head.hash, 'hex') }),
      }),
      certReq: true,
    });
    return { head, request: new Uint8Array(request.toSchema().toBER()) };
  }

  /**
   * Takes a token in that is of the hash of an entry of this log. The same token again changes nothing, unless it now
   * comes with certificates to trust.
   * Errors: `time_stamp_invalid`, `time_stamp_untrusted`, `invalid_input` (a certificate), those of reading the files.
   */
  async import(path: string, trust: readonly string[] = []): Promise<TimeStamp> {
    const bytes = await readSmall(path);
    const token = readToken(bytes);
    const entry = await this.#repository.entryOfHash(token.digest);
    if (!entry)
      throw invalidToken(`The token is of ${token.digest}, which is the hash of no entry of this log.`);
    const pem = (await Promise.all(trust.map(async (file) => pemOf(await readSmall(file), file)))).join('');
    const facts = await verifyToken(token, {
      text: entryText(toAuditEntry(entry)),
      trusted: certificatesOf(pem),
    });
    const { blobs, db, audit } = this.#workspace;
    const file = await blobs.put(bytes, 'application/timestamp-reply', 'original');
    const trusted =
      pem === '' ? null : await blobs.put(Buffer.from(pem), 'application/x-pem-file', 'original');
    const known = await this.#repository.ofToken(file.hash);
    if (known && trusted === null) return toTimeStamp(known);
    const now = Date.now();
    const row: TimeStampRow = {
      ...{ id: known?.id ?? newId(now), entry: entry.sequence, entry_hash: entry.hash },
      ...{ token: file.hash, trust: trusted?.hash ?? null },
      ...{ at: facts.at, accuracy_ms: facts.accuracyMs, authority: facts.authority, issuer: facts.issuer },
      ...{ certificate_sha256: facts.certificateSha256, serial: facts.serial, policy: facts.policy },
      imported_at: known?.imported_at ?? now,
    };
    await db.transaction().execute(async (transaction) => {
      await this.#repository.put(transaction, row);
      const { head, at, authority, chain } = toTimeStamp(row);
      audit.record(transaction, {
        action: 'workspace.head-stamped',
        subject: { kind: 'workspace', id: 'workspace' },
        payload: { head, at, authority, chain, token: file.hash },
        seal: [{ table: 'time_stamps', id: row.id }],
      });
    });
    return toTimeStamp(row);
  }
}

async function readSmall(path: string): Promise<Buffer> {
  if ((await stat(path)).size > largest)
    throw new AppError('invalid_input', `${path} is too large for a token or a certificate.`);
  return readFile(path);
}

export const toTimeStamp = (row: TimeStampRow): TimeStamp => ({
  id: row.id,
  head: { entries: row.entry, hash: row.entry_hash },
  at: row.at,
  accuracyMs: row.accuracy_ms,
  authority: row.authority,
  issuer: row.issuer,
  certificateSha256: row.certificate_sha256,
  serial: row.serial,
  policy: row.policy,
  chain: row.trust === null ? 'not-judged' : 'trusted',
  token: row.token,
  importedAt: row.imported_at,
});
