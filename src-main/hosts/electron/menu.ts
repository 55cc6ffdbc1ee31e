/**
 * The native menu, made of the one table of commands: what the window does not offer now is shown and cannot be chosen, as
 * it is absent from the palette. The window itself listens to the keys, because only it knows whether somebody types.
 */
import type { MenuItemConstructorOptions } from 'electron';
import { commandGroups, commands, type CommandGroup } from '#contract/command.ts';
import type { DesktopEvent, MenuOffer } from '#contract/desktop.ts';

type Item = MenuItemConstructorOptions;
type Give = (event: DesktopEvent) => void;

const named: Readonly<Record<string, string>> = {
  Mod: 'CommandOrControl',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  Escape: 'Esc',
};

/** Keys of the table as Electron writes them. */
export function acceleratorOf(keys: string): string {
  const parts = keys === '+' ? ['Plus'] : keys.split('+');
  return parts.map((part) => named[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join('+');
}

/** A label in which nothing is taken for the letter of a mnemonic. */
const plain = (text: string): string => text.replaceAll('&', '&&');

/** @param give told of what is chosen @param platform as `process.platform` */
export function menuTemplate({ commands: offered, recent }: MenuOffer, give: Give, platform: string): Item[] {
  const mac = platform === 'darwin';
  const of = (group: CommandGroup): Item[] =>
    commands
      .filter((command) => command.group === group)
      .map(({ id, title, keys }) => ({
        id,
        label: plain(title),
        enabled: offered.includes(id),
        click: () => give({ type: 'command', id }),
        // Shown, not listened to. macOS would listen all the same, and so is not told.
        ...(keys && !mac ? { accelerator: acceleratorOf(keys), registerAccelerator: false } : {}),
      }));
  const recentCases: Item = {
    id: 'recent',
    label: 'Recent cases',
    enabled: recent.length > 0,
    submenu: recent.map(({ id, name }) => ({
      id: `recent.${id}`,
      label: plain(name),
      click: () => give({ type: 'case', id }),
    })),
  };
  const group = (name: CommandGroup, more: Item[] = []): Item => ({
    id: name,
    label: commandGroups[name],
    submenu: [...of(name), ...more],
  });
  const line: Item = { type: 'separator' };
  return [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    group('workbench', mac ? [] : [line, { role: 'quit' }]),
    { role: 'editMenu' },
    group('case', [line, recentCases]),
    group('dataset'),
    group('model'),
    group('triage'),
    group('review'),
    group('go'),
    {
      label: 'View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        line,
        { role: 'togglefullscreen' },
      ],
    },
    ...(mac ? [{ role: 'windowMenu' } as const] : []),
  ];
}
