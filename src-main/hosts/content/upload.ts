/**
 * Evidence that comes as bytes: dropped on the workbench's window, or pasted into it. The body of the request goes to the
 * disk as it arrives; what it is, is found out there.
 */
import { id } from '#contract/common.ts';
import { AppError, type ErrorCode } from '#contract/errors.ts';
import type { UploadedEvidence } from '#contract/evidence.ts';

/** Where uploads go. */
export interface UploadTarget {
  /** As `EvidenceService.takeBytes`. */
  takeBytes(caseId: string, name: string, bytes: AsyncIterable<Uint8Array>): Promise<UploadedEvidence>;
}

/** The largest upload in bytes: more than any picture that can be judged has. */
export const maxUploadBytes = 2 ** 31;

const statuses: Partial<Record<ErrorCode, number>> = {
  not_found: 404,
  case_not_open: 409,
  disk_full: 507,
  workspace_not_writable: 507,
  internal: 500,
};

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
  const json = (status: number, value: unknown): Response =>
    Response.json(value, { status, headers: { ...headers, connection: 'close' } });
  try {
    const caseId = id.safeParse(search.get('case'));
    const name = search.get('name') ?? '';
    if (!caseId.success || name.length > 1000)
      throw new AppError(
        'invalid_input',
        'An upload names its case, and its file in at most 1000 characters.',
      );
    return json(200, await target.takeBytes(caseId.data, name, limited(body)));
  } catch (cause) {
    const error = AppError.from(cause);
    return json(statuses[error.code] ?? 422, { error: error.toData() });
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
