/**
 * Every error that a person may meet, by code, with its sentence and its remedy. All processes share this one table:
 * a failure crosses process borders as `ErrorData` and is rebuilt as an `AppError` on the other side.
 */
import { z } from 'zod';

/** What to do next, per code. The sentence itself is written where the error is raised, because it names the thing. */
const remedies = {
  // workspace
  workspace_locked:
    'Close the other program that holds this workspace, or choose another one with --data-dir.',
  workspace_not_writable: 'Free some space or choose a folder that you may write to with --data-dir.',
  workspace_from_future: 'Open this workspace with the newer version of Pentimento that wrote it.',
  workspace_damaged: 'Restore the workspace from a backup; the file was left as it is.',
  files_missing:
    'Connect the disk that holds it and open the workspace again. Where the folder now lies elsewhere, `pentimento storage --found-at DIR` says so.',
  workspace_busy: 'Wait until it has ended, or stop it, then try again.',
  disk_full: 'Free some space on the disk that holds the workspace, then try again.',
  // files and pictures
  not_found: 'Check the name and try again.',
  file_not_found: 'Check the path; the file or folder may have been moved, renamed or unplugged.',
  file_unreadable: 'Check that you may read the file.',
  path_not_chosen:
    'Choose the file or folder in the dialog that the program opens, or drop it on the window.',
  file_empty: 'The file has no content; copy it again from its source.',
  not_an_image:
    'Only JPEG, PNG, WebP, TIFF, AVIF and GIF pictures can be read; look at what the file really holds.',
  image_truncated: 'The file ends early; copy it again from its source.',
  image_damaged: 'The picture cannot be decoded; copy it again from its source.',
  image_too_small: 'Use a picture of at least 64 by 64 pixels.',
  image_too_large: 'Cut the picture into parts of fewer pixels, without resizing, and judge each.',
  // datasets
  dataset_exists: 'Choose another name.',
  dataset_too_small: 'Add more photographs to the dataset.',
  dataset_busy: 'Wait until its import is done, or stop the import.',
  split_conflict: 'Give all pictures of one group the same split, or leave the split out.',
  nothing_to_undo: 'The history of the dataset says what was done and what was undone.',
  evidence_refused: 'Leave it out, or take it in with --allow-evidence and the reason, which is recorded.',
  dataset_findings:
    'Look at `pentimento datasets NAME --check`, apply its remedies, or start with --despite-findings and the reason.',
  invalid_mask: 'A mask must be readable and as wide and as high as its picture.',
  // training
  backend_unavailable: 'See `pentimento doctor` for what this machine offers, or choose another backend.',
  backend_refused:
    'Choose another backend: this one computes wrong numbers on this machine. Updating its driver may mend it.',
  run_not_resumable: 'Start a new run with the same settings.',
  run_active: 'Stop the run first.',
  run_not_active:
    'Only a run that is queued or running can be paused, and one that is over cannot be stopped.',
  training_diverged: 'Lower the learning rate or use another seed; the last good checkpoint was kept.',
  trainer_crashed: 'Resume the run; it goes on from its last checkpoint.',
  out_of_memory:
    'Close other programs, or start a run with smaller crops or batches. This run goes on from its last checkpoint when it is resumed.',
  backend_lost:
    'Resume the run; where it fails again, update the driver or choose another backend for a new run.',
  batches_failed: 'Resume the run; where it fails again, look at the photographs that its log names.',
  checkpoint_damaged: 'Resume from an older checkpoint or start the run again.',
  // models and detection
  model_missing: 'Train a model first, or import one.',
  model_invalid: 'Use a model that Pentimento exported.',
  time_limit: 'Judge it again when the machine has less to do, or cut it into parts of fewer pixels.',
  memory_limit:
    'Cut the picture into parts of fewer pixels, without resizing, and judge each. A small file that needs much memory may be made to do harm.',
  judge_crashed:
    'Judge it again; where that fails too, the file may be damaged, or made to do harm. The others are not touched by it.',
  queue_unreachable:
    'Start the Redis server or correct the address, then go on with --resume; what was judged is kept.',
  queue_mismatch: 'Start the worker with the model and the version of the program that the run has.',
  queue_folder:
    'Start the worker with the folder that holds the pictures, as DIR, or as THERE=HERE where it lies elsewhere on this machine.',
  // cases and evidence
  case_exists: 'Choose another name.',
  case_not_open: 'Set the status of the case to open first.',
  evidence_changed: 'The bytes differ from those taken in; find out why before you go on.',
  evidence_missing: 'Put the original back where it was, or take it in again from where it is now.',
  evidence_unreadable: 'See that the original can be read, then check it again.',
  report_invalid: 'Use a report that Pentimento wrote, as it wrote it.',
  report_too_large: 'Choose the pictures that the report is to hold.',
  chromium_missing:
    'Install Chromium or name one in the environment variable CHROMIUM, or write the report as HTML and print that.',
  report_not_printed: 'Write the report as HTML, open it in a browser, and print that.',
  review_exists:
    'A review is never changed; another examiner records theirs under their own name (settings, examiner).',
  bundle_invalid: 'Have the bundle written and sent again; nothing of it was taken in.',
  // time stamps of the audit log
  time_stamp_invalid:
    'Have the digest that `pentimento timestamp request` prints stamped by an RFC 3161 authority, with its certificate in the answer.',
  time_stamp_untrusted:
    "Give the root certificate of the authority's chain, or import the token without --trust: its chain is then not judged.",
  // everything else
  invalid_input: 'Correct the value and try again.',
  cancelled: 'Nothing is wrong; it was stopped on request.',
  unauthorised: 'Open the workbench with the address that it printed when it started.',
  connection_lost: 'The workbench reconnects by itself; if it does not, start it again.',
  program_changed: 'Install the program again from a source that you trust; do not work with this copy.',
  unsupported_host: 'Update Node.js to version 24 (or 22.18 at the least).',
  internal: 'This is a fault of the program; please report it with what you did before.',
} as const;

export type ErrorCode = keyof typeof remedies;
export const errorCodes = Object.keys(remedies) as [ErrorCode, ...ErrorCode[]];

export const errorData = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  hint: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});
/** An error as plain data: what travels between processes and what `--json` prints. */
export type ErrorData = z.infer<typeof errorData>;

/** A failure with a code, a sentence for the person, and a remedy. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; hint?: string; details?: Record<string, unknown> } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.hint = options.hint ?? remedies[code];
    this.details = options.details;
  }

  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      hint: this.hint,
      ...(this.details ? { details: this.details } : {}),
    };
  }

  static fromData(data: ErrorData): AppError {
    return new AppError(data.code, data.message, {
      hint: data.hint,
      ...(data.details ? { details: data.details } : {}),
    });
  }

  /** Any thrown value as an AppError; what is not one already becomes `internal`, or what its system code says. */
  static from(cause: unknown): AppError {
    if (cause instanceof AppError) return cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    const system = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (system === 'ENOSPC' || system === 'SQLITE_FULL')
      return new AppError('disk_full', `The disk is full: ${message}`, { cause });
    if (system === 'ENOENT') return new AppError('file_not_found', message, { cause });
    if (system === 'EACCES' || system === 'EPERM') return new AppError('file_unreadable', message, { cause });
    if (system === 'EROFS' || system === 'SQLITE_READONLY')
      return new AppError('workspace_not_writable', message, { cause });
    return new AppError('internal', message, { cause });
  }
}
