/** Sentences about where the stored files of a workspace lie. */
export const storedFilesText = {
  title: 'Stored files',
  folder: 'Folder',
  own: 'in the workspace',
  elsewhere: 'elsewhere',
  absent: 'not there',
  free: 'Free space',
  move: 'Move…',
  moveBack: 'Move back into the workspace',
  moveTitle: 'Move the stored files',
  moveIntro:
    'Every file is copied, read again, and only then removed from where it is now. A move that is stopped goes on when it is started again with the same folder.',
  to: 'New folder',
  toHint: 'A folder that is new or empty, outside of the workspace, e.g. on a larger disk.',
  needFolder: 'Name a folder.',
  choose: 'Choose…',
  folderName: 'Pentimento files',
  start: 'Move them',
  damaged: (count: number) =>
    `${count} ${count === 1 ? 'file was' : 'files were'} damaged before and moved as they are; a verification names them.`,
} as const;
