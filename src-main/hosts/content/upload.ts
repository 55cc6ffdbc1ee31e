/**
 * Evidence that comes as bytes: dropped on the workbench's window, or pasted into it. The body of the request goes to the
 * disk as it arrives; what it is, is found out there.
 */
import { id } from '#contract/common.ts';
import { AppError } from '#contract/errors.ts';
import type { UploadedEvidence } from '#contract/evidence.ts';
import { errorResponse } from './error-response.ts';

/** Where uploads go. */
export interface UploadTarget {
  /** As `EvidenceService.takeBytes`. */
  takeBytes(caseId: string, name: string, bytes: AsyncIterable<Uint8Array>): Promise<UploadedEvidence>;
}

/** The largest upload in bytes: more than any picture that can be judged has. */
export const maxUploadBytes = 2 ** 31;

/**
 * Answers `POST /evidence?case=<id>&name=<file name>` with the item, or with `{ error }` as calls have it. `headers` are
 * the host's own.
 */
export async function uploadResponse(
  target: UploadTarget,
  search: URLSearchParams,
  body: AsyncIterable<Uint8Array>,
  headers: Record<string, string>,
): Promise<Response> {
  const closing = { ...headers, connection: 'close' };
  try {
    const caseId = id.safeParse(search.get('case'));
    const name = search.get('name') ?? '';
    if (!caseId.success || name.length > 1000)
      throw new AppError(
        'invalid_input',
        'An upload names its case, and its file in at most 1000 characters.',
      );
    const uploaded = await target.takeBytes(caseId.data, name, limited(body));
    return Response.json(uploaded, { headers: closing });
  } catch (cause) {
    return errorResponse(cause, closing);
  }
}

async function* limited(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > maxUploadBytes)
      throw new AppError('image_too_large', `An upload has at most ${maxUploadBytes} bytes.`);
    yield piece;
  }
}
