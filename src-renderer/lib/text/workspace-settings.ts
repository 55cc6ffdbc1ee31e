/** Sentences of the settings of a workspace. */
export const workspaceSettingsText = {
  title: 'This workspace',
  examiner: 'Examiner',
  examinerHint: 'Named in every entry of the audit log; empty for the user of the operating system.',
  backupHours: 'Hours between two backups',
  backupHoursHint: 'While the workbench is open; 0 for none.',
  backupsKept: 'Backups that are kept',
  backupsKeptHint: 'Older ones are removed when a new one is made.',
  unreferencedDays: 'Days that a file is kept to which nothing refers',
  unreferencedDaysHint: 'Only then may it be removed, which is always asked first.',
  pictureCache: 'Memory for pictures that are looked at, in MB',
  pictureCacheHint: 'Decoded copies only; those that were looked at longest ago are let go first.',
  trainingCache: 'Memory for the photographs of a training run, in MB',
  trainingCacheHint: 'Where the run names no other limit. Less only makes it slower.',
  stability: 'Judge pictures anew after small changes',
  stabilityWhen: {
    verdicts: 'Those that would be called real or simulated',
    always: 'Every picture',
    never: 'Never',
  },
  stabilityHint:
    'A verdict that does not hold under them becomes inconclusive. A picture then takes about six times as long.',
  save: 'Save',
  saved: 'Saved.',
} as const;
