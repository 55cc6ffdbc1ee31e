/** What a host with native menus hears of its windows, and tells them. Hosts without a desktop hear and tell nothing. */
import { z } from 'zod';
import { mutation, subscription } from './api-definition.ts';
import { commandId } from './command.ts';
import { empty, id } from './common.ts';

/** A file that the program was opened with, by what its name says that it is. Nothing of it was read yet. */
export const openedFile = z.object({ what: z.enum(['bundle', 'model']), path: z.string() });
export type OpenedFile = z.infer<typeof openedFile>;

/** What to call a file by its name; null where it is nothing that the program is opened with. */
export function openable(name: string): OpenedFile['what'] | null {
  if (/\.onnx$/i.test(name)) return 'model';
  return /\.(pentimento|zip)$/i.test(name) ? 'bundle' : null;
}

/** What the menu shows: the commands that can be given now, and the cases that were opened last. */
export const menuOffer = z.object({
  commands: z.array(commandId).max(200),
  recent: z.array(z.object({ id, name: z.string().max(120) })).max(20),
});
export type MenuOffer = z.infer<typeof menuOffer>;

export const desktopEvent = z.discriminatedUnion('type', [
  /** The command was chosen in a menu. */
  z.object({ type: z.literal('command'), id: commandId }),
  /** The case was chosen in a menu. */
  z.object({ type: z.literal('case'), id }),
  /** The program was opened with a file. The window asks before it does anything with it. */
  z.object({ type: z.literal('file'), file: openedFile }),
]);
export type DesktopEvent = z.infer<typeof desktopEvent>;

export const desktopApi = {
  /** Has the menu show it. */
  offer: mutation(menuOffer, empty),
  /** What was chosen in menus, and what the program was opened with, until the window leaves; ends at once without a desktop. */
  watch: subscription(empty, desktopEvent),
};
