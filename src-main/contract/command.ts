/**
 * Every command that the workbench has, once: its id, the group that it is listed under, and its keys. The palette, the
 * keyboard and the list of shortcuts read this table, and a native menu can be made of it. What a command does is said
 * by the page that offers it; one that no open page offers is not there. Titles stand with the other sentences.
 */

export type CommandGroup = 'go' | 'workbench' | 'case' | 'review';
type Declared = {
  group: CommandGroup;
  /** As `KeyboardEvent.key`, after `Mod+` (Ctrl, or Cmd on macOS), `Alt+` and `Shift+`; a letter alone works outside fields only. */
  keys?: string;
};

const table = {
  'go.start': { group: 'go', keys: 'Alt+1' },
  'go.cases': { group: 'go', keys: 'Alt+2' },
  'go.datasets': { group: 'go', keys: 'Alt+3' },
  'go.training': { group: 'go', keys: 'Alt+4' },
  'go.detection': { group: 'go', keys: 'Alt+5' },
  'go.models': { group: 'go', keys: 'Alt+6' },
  'go.settings': { group: 'go', keys: 'Alt+7' },
  'go.back': { group: 'go', keys: 'Alt+ArrowLeft' },
  'go.forward': { group: 'go', keys: 'Alt+ArrowRight' },
  'workbench.palette': { group: 'workbench', keys: 'Mod+k' },
  'workbench.shortcuts': { group: 'workbench', keys: '?' },
  'workbench.messages': { group: 'workbench', keys: 'Mod+m' },
  'workbench.theme': { group: 'workbench', keys: 'Mod+Shift+l' },
  'case.new': { group: 'case' },
  'case.take-in': { group: 'case', keys: 't' },
  'case.judge': { group: 'case', keys: 'j' },
  'case.check': { group: 'case', keys: 'h' },
  'case.details': { group: 'case' },
  'case.undo': { group: 'case', keys: 'Mod+z' },
  'case.redo': { group: 'case', keys: 'Mod+Shift+z' },
  'case.view': { group: 'case', keys: 'v' },
  'review.next': { group: 'review', keys: '.' },
  'review.previous': { group: 'review', keys: ',' },
  'review.zoom-in': { group: 'review', keys: '+' },
  'review.zoom-out': { group: 'review', keys: '-' },
  'review.fit': { group: 'review', keys: '0' },
  'review.actual': { group: 'review', keys: '1' },
  'review.rotate': { group: 'review', keys: 'r' },
  'review.layer-next': { group: 'review', keys: ']' },
  'review.layer-previous': { group: 'review', keys: '[' },
  'review.original': { group: 'review', keys: 'o' },
  'review.contour': { group: 'review', keys: 'c' },
  'review.single': { group: 'review', keys: 's' },
  'review.swipe': { group: 'review', keys: 'w' },
  'review.side': { group: 'review', keys: 'd' },
  'review.flicker': { group: 'review', keys: 'f' },
  'review.exchange': { group: 'review', keys: 'x' },
  'review.move': { group: 'review', keys: 'Escape' },
  'review.ruler': { group: 'review', keys: 'm' },
  'review.region': { group: 'review', keys: 'n' },
} as const satisfies Record<string, Declared>;

export type CommandId = keyof typeof table;
export type Command = Declared & { id: CommandId };

/** In the order in which they are listed. */
export const commands: readonly Command[] = (Object.keys(table) as CommandId[]).map((id) => ({
  id,
  ...table[id],
}));
