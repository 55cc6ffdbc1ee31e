/** Evidence as bytes: a picture that was dropped on a browser's window goes to the host, which knows no path of it. */
import { AppError, errorData } from '#contract/errors.ts';
import { uploadedEvidence, type UploadedEvidence } from '#contract/evidence.ts';
import { sessionToken } from './host-connection.ts';

/** Sends one file into a case. */
export type Upload = (
  caseId: string,
  name: string,
  bytes: Blob,
  signal: AbortSignal,
) => Promise<UploadedEvidence>;

/** @throws AppError `connection_lost` where no answer came, `cancelled`, and what the host says of the file. */
export const uploadEvidence: Upload = async (caseId, name, bytes, signal) => {
  const query = new URLSearchParams({ case: caseId, name });
  const answer = await fetch(`/evidence?${query}`, {
    method: 'POST',
    body: bytes,
    headers: { authorization: `Bearer ${sessionToken()}` },
    signal,
  }).catch((cause: unknown) => {
    if (signal.aborted) throw new AppError('cancelled', 'The upload was stopped.', { cause });
    throw new AppError('connection_lost', `${name} did not reach the workbench.`, { cause });
  });
  const said: unknown = await answer.json().catch(() => null);
  if (answer.ok) return uploadedEvidence.parse(said);
  const known = errorData.safeParse((said as { error?: unknown } | null)?.error);
  throw known.success
    ? AppError.fromData(known.data)
    : new AppError('internal', `The workbench answered ${answer.status} to ${name}.`);
};
