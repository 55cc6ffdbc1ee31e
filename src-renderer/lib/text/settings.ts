/** Sentences of the settings and about page. */
export const settingsText = {
  title: 'Settings',
  appearance: 'Appearance',
  theme: 'Theme',
  themeHint: 'Dark for looking at pictures, light for reading and reports.',
  devices: 'Compute backends',
  devicesHint:
    'What this machine offers for training. The best one that is ready is used unless a run names another.',
  backend: 'Backend',
  provider: 'Provider',
  device: 'Device',
  state: 'State',
  ready: 'Ready',
  absent: 'Absent',
  workspace: 'Workspace',
  folder: 'Folder',
  writable: 'Writable',
  yes: 'yes',
  no: 'no',
  free: 'Free space',
  database: 'Database',
  schema: (version: number) => `schema ${version}`,
  about: 'About',
  version: 'Version',
  host: 'Host',
  hosts: { electron: 'Desktop window', headless: 'Headless workbench', cli: 'Command line' },
  node: 'Node.js',
  electron: 'Electron',
  sqlite: 'SQLite',
  judging: (model: string, provider: string) => `${model} judges on ${provider}.`,
  offline: 'Nothing is sent anywhere: the workbench talks only to its own host on this machine.',
} as const;

/** Sentences of collecting diagnostics. */
export const diagnosticsText = {
  title: 'Collect diagnostics',
  intro: 'One zip file that you may send to whoever looks for a fault of the program.',
  holds: 'It holds versions, what this machine offers, settings, counts, and what the log says of failures.',
  leavesOut:
    'It leaves out every picture and map, every name of a case, a file, a dataset or a person, every note, hash and path, and the messages of failures. Look into it before you send it.',
  path: 'New file',
  choose: 'Choose a place …',
  fileName: 'pentimento-diagnostics.zip',
  collect: 'Collect',
  written: (size: string) => `The file was written, ${size}.`,
} as const;
