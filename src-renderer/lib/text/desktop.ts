/** Sentences around files that the program is opened with, and around the desktop. */
export const desktopText = {
  title: 'Open a case bundle or a model',
  intro: 'A bundle is checked first. Nothing is taken in before you say so.',
  path: 'Path of the file',
  chooseBundle: 'Choose a bundle …',
  chooseModel: 'Choose a model …',
  neither: 'Name a case bundle (.pentimento or .zip) or a model (.onnx).',
  check: 'Check it',
  checking: 'Checking …',
  good: 'Every file in the bundle has the hash that its manifest gives.',
  bad: (count: number) =>
    count === 1 ? 'One thing is wrong with this bundle.' : `${count} things are wrong with this bundle.`,
  compare: 'Compare the SHA-256 with the one that came with the bundle by another way.',
  case: 'Case',
  pictures: 'Pictures',
  originals: { originals: 'with their originals', 'hashes-only': 'hashes only, without originals' },
  manifest: 'SHA-256 of its manifest',
  takeIn: 'Take the case in',
  import: 'Import the model',
  taken: (name: string) => `The case “${name}” was taken in.`,
} as const;
