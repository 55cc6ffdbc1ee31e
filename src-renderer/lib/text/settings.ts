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
  measured: 'Measured for training',
  measuredAt: (at: string, chosen: string) => `${at}: “auto” picked ${chosen}.`,
  notMeasured: 'Nothing was measured yet: a run with the backend “auto” does that.',
  iteration: 'One iteration',
  problem: 'Left out because',
  selfTest: 'Self-test for judging',
  selfTestHint:
    'When a model is first opened, every ready provider judges the same tiles. One whose values differ from the processor’s by more than the tolerance is left out; of the others the fastest is used.',
  notTested: 'No model was opened on this machine yet.',
  batch: 'A batch of tiles',
  difference: 'Furthest from the processor',
  nothingToTry: 'Nothing but the processor was there to be tried.',
  judging: (model: string, provider: string) => `${model} judges on ${provider}.`,
  shortcuts: 'Keyboard shortcuts',
  licences: 'Licences …',
  offline: 'Nothing is sent anywhere: the workbench talks only to its own host on this machine.',
} as const;

/** Sentences of the licences. */
export const licencesText = {
  title: 'Licences',
  intro: 'Pentimento is licensed under the Apache License 2.0; its parts have licences of their own.',
  licence: 'Apache License 2.0',
  components: 'Packages and their licences',
  fonts: 'IBM Plex, the typeface',
  inCheckout:
    'This program runs from its source: the licence of each package lies in its folder below node_modules. A packed program shows them here.',
} as const;

/** Sentences of collecting diagnostics. */
export const diagnosticsText = {
  title: 'Collect diagnostics',
  intro: 'One zip file that you may send to whoever looks for a fault of the program.',
  holds: 'It holds versions, what this machine offers, settings, counts, and what the log says of failures.',
  leavesOut:
    'It leaves out every picture and map, every name of a case, a file, a dataset or a person, every note, hash and path, and the messages of failures. Look into it before you send it.',
  path: 'New file',
  fileName: 'pentimento-diagnostics.zip',
  collect: 'Collect',
  written: (size: string) => `The file was written, ${size}.`,
} as const;
