/** Sentences of looking after the workspace: verification, backups, what can be removed. */
import { formatBytes } from '../format.ts';

export const keepingText = {
  title: 'Keeping',
  verify: 'Verify the workspace',
  verifyHint:
    'Hashes every file again, reads the whole audit log, and compares every result with what the log recorded.',
  verifying: 'Verifying…',
  sound: 'The workspace is what was written.',
  unsound: 'The workspace is not what was written.',
  checked: (entries: number, results: number, files: number) =>
    `${entries} entries of the log, ${results} results and ${files} files were read.`,
  firstWrong: (entry: number) => `First wrong entry: ${entry}`,
  more: (count: number) => `and ${count} more`,
  backups: 'Backups',
  backup: 'Back up now',
  backupFailed: 'The last scheduled backup was not made',
  noBackups: 'None yet.',
  unreferenced: 'Files that nothing refers to',
  nothingToRemove: 'Nothing would be removed.',
  wouldRemove: (files: number, bytes: number) => `${files} files, ${formatBytes(bytes)}`,
  remove: 'Remove…',
  removeTitle: 'Remove files that nothing refers to',
  removeIntro: 'They are removed for good, and the audit log records which they were.',
  removeConfirmed: 'Remove them',
  file: 'File',
  kind: 'Kind',
  size: 'Size',
} as const;
