/** Sentences around commands; their titles stand in the contract's table, which menus read too. */

export const commandsText = {
  open: 'Commands',
  placeholder: 'Find a command',
  none: 'No command matches.',
  shortcuts: 'Keyboard shortcuts',
  shortcutsIntro: 'Letters alone work while no field is being typed in.',
  keys: {
    Mod: 'Ctrl',
    ArrowLeft: '←',
    ArrowRight: '→',
    Escape: 'Esc',
  } as Record<string, string>,
} as const;
