/**
 * Every command that the workbench has, once: its id, its title, the group that it is listed under, and its keys. The
 * palette, the keyboard, the list of shortcuts and the desktop's native menu all read this table. What a command does is
 * said by the page that offers it; one that no open page offers is not there.
 */
import { z } from 'zod';

export type CommandGroup = 'go' | 'workbench' | 'case' | 'dataset' | 'model' | 'triage' | 'review';
/** Titles of the groups. */
export const commandGroups: Readonly<Record<CommandGroup, string>> = {
  go: 'Go',
  workbench: 'Workbench',
  case: 'Case',
  dataset: 'Dataset',
  model: 'Model',
  triage: 'Triage',
  review: 'Review',
};

type Declared = {
  title: string;
  group: CommandGroup;
  /** As `KeyboardEvent.key`, after `Mod+` (Ctrl, or Cmd on macOS), `Alt+` and `Shift+`; a letter alone works outside fields only. */
  keys?: string;
};

const table = {
  'go.start': { title: 'Go to Start', group: 'go', keys: 'Alt+1' },
  'go.cases': { title: 'Go to Cases', group: 'go', keys: 'Alt+2' },
  'go.datasets': { title: 'Go to Datasets', group: 'go', keys: 'Alt+3' },
  'go.training': { title: 'Go to Training', group: 'go', keys: 'Alt+4' },
  'go.detection': { title: 'Go to Detection', group: 'go', keys: 'Alt+5' },
  'go.triage': { title: 'Go to Triage', group: 'go', keys: 'Alt+6' },
  'go.models': { title: 'Go to Models', group: 'go', keys: 'Alt+7' },
  'go.settings': { title: 'Go to Settings', group: 'go', keys: 'Alt+8' },
  'go.back': { title: 'Back', group: 'go', keys: 'Alt+ArrowLeft' },
  'go.forward': { title: 'Forward', group: 'go', keys: 'Alt+ArrowRight' },
  'workbench.palette': { title: 'Find a command', group: 'workbench', keys: 'Mod+k' },
  'workbench.shortcuts': { title: 'Keyboard shortcuts', group: 'workbench', keys: '?' },
  'workbench.messages': { title: 'Messages', group: 'workbench', keys: 'Mod+m' },
  'workbench.open': { title: 'Open a case bundle or a model', group: 'workbench', keys: 'Mod+o' },
  'workbench.theme': { title: 'Switch between dark and light', group: 'workbench', keys: 'Mod+Shift+l' },
  'workbench.diagnostics': { title: 'Collect diagnostics', group: 'workbench' },
  'workbench.undo': { title: 'Undo', group: 'workbench', keys: 'Mod+z' },
  'workbench.redo': { title: 'Redo', group: 'workbench', keys: 'Mod+Shift+z' },
  'case.new': { title: 'New case', group: 'case' },
  'case.take-in': { title: 'Take evidence in', group: 'case', keys: 't' },
  'case.judge': { title: 'Judge the chosen pictures, or all', group: 'case', keys: 'j' },
  'case.check': { title: 'Check hashes of the chosen pictures, or all', group: 'case', keys: 'h' },
  'case.pair': { title: 'Review the two chosen pictures side by side', group: 'case', keys: 'b' },
  'case.details': { title: 'Case details', group: 'case' },
  'case.view': { title: 'Switch between grid and table', group: 'case', keys: 'v' },
  'dataset.real': { title: 'Label the chosen pictures real', group: 'dataset', keys: '1' },
  'dataset.reference': { title: 'Label the chosen pictures reference', group: 'dataset', keys: '2' },
  'dataset.simulated': { title: 'Label the chosen pictures simulated', group: 'dataset', keys: '3' },
  'dataset.unlabelled': { title: 'Take the labels of the chosen pictures away', group: 'dataset', keys: '4' },
  'dataset.remove': { title: 'Remove the chosen pictures', group: 'dataset', keys: 'Delete' },
  'model.import': { title: 'Import a model', group: 'model' },
  'model.evaluate': { title: 'Evaluate this model', group: 'model' },
  'model.use': { title: 'Use this model as current', group: 'model' },
  'triage.new': { title: 'New triage', group: 'triage' },
  'triage.pause': { title: 'Pause this triage', group: 'triage' },
  'triage.resume': { title: 'Go on with this triage', group: 'triage' },
  'triage.rules': { title: 'Sort this triage into piles', group: 'triage' },
  'triage.order': { title: 'Order the folders of this triage', group: 'triage' },
  'triage.export': { title: 'Export the results of this triage', group: 'triage' },
  'triage.send': { title: 'Send the chosen pictures to a case', group: 'triage' },
  'review.next': { title: 'Next picture', group: 'review', keys: '.' },
  'review.previous': { title: 'Previous picture', group: 'review', keys: ',' },
  'review.zoom-in': { title: 'Zoom in', group: 'review', keys: '+' },
  'review.zoom-out': { title: 'Zoom out', group: 'review', keys: '-' },
  'review.fit': { title: 'Fit the whole picture', group: 'review', keys: '0' },
  'review.actual': { title: 'One pixel for one pixel', group: 'review', keys: '1' },
  'review.rotate': { title: 'Turn by a quarter, for display only', group: 'review', keys: 'r' },
  'review.layer-next': { title: 'Next layer', group: 'review', keys: ']' },
  'review.layer-previous': { title: 'Previous layer', group: 'review', keys: '[' },
  'review.original': { title: 'Original alone', group: 'review', keys: 'o' },
  'review.contour': { title: 'Contour at the threshold', group: 'review', keys: 'c' },
  'review.single': { title: 'One layer', group: 'review', keys: 's' },
  'review.swipe': { title: 'Compare by swiping', group: 'review', keys: 'w' },
  'review.side': { title: 'Compare side by side', group: 'review', keys: 'd' },
  'review.flicker': { title: 'Compare by flicker', group: 'review', keys: 'f' },
  'review.exchange': { title: 'Exchange the two layers', group: 'review', keys: 'x' },
  'review.move': { title: 'Move the picture', group: 'review', keys: 'Escape' },
  'review.ruler': { title: 'Measure in pixels', group: 'review', keys: 'm' },
  'review.region': { title: 'Note on a region', group: 'review', keys: 'n' },
} as const satisfies Record<string, Declared>;

export type CommandId = keyof typeof table;
export const commandId = z.enum(Object.keys(table) as [CommandId, ...CommandId[]]);
export type Command = Declared & { id: CommandId };

/** In the order in which they are listed. */
export const commands: readonly Command[] = (Object.keys(table) as CommandId[]).map((id) => ({
  id,
  ...table[id],
}));
