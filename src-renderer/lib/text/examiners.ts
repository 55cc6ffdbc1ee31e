/** Sentences of what examiners themselves conclude of a picture. */
export const examinersText = {
  title: 'Examiners’ conclusions',
  none: 'No examiner has recorded a conclusion of this picture.',
  sealed: 'sealed',
  sealedHint: 'What it concludes is told to nobody until another examiner has recorded theirs.',
  agree: 'The examiners agree.',
  disagree: 'The examiners do not agree.',
  at: (when: string, blind: boolean) => `${when}, ${blind ? 'without knowing another one' : 'not blind'}`,
  recorded: (examiner: string) =>
    `${examiner} has recorded theirs. Another examiner gives their own name in the settings first.`,
  conclusion: 'Conclusion',
  reasons: 'Reasons',
  never: 'Once recorded, it is never changed.',
  record: 'Record conclusion',
  recordAs: (examiner: string) => `Record as ${examiner}`,
  needReasons: 'Say why: a conclusion without reasons cannot be followed.',
  openAlone: 'Open without a second examiner',
  openHint: 'The audit log tells who opened it and why; whatever follows on this picture is not blind.',
  why: 'Why it is opened',
  open: 'Open the sealed conclusion',
  needWhy: 'Give the reason.',
} as const;
