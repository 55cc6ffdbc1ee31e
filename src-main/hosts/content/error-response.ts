/** A failure as an answer to a request that is no call: its status, and `{ error }` as calls have it. */
import { AppError, type ErrorCode } from '#contract/errors.ts';

const statuses: Partial<Record<ErrorCode, number>> = {
  not_found: 404,
  case_not_open: 409,
  evidence_changed: 409,
  evidence_missing: 410,
  disk_full: 507,
  workspace_not_writable: 507,
  internal: 500,
};

export function errorResponse(cause: unknown, headers: Record<string, string>): Response {
  const error = AppError.from(cause);
  return Response.json({ error: error.toData() }, { status: statuses[error.code] ?? 422, headers });
}
