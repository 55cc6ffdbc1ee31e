/** The desktop part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { desktopApi } from '#contract/desktop.ts';
import type { DesktopPort } from './desktop-port.ts';

export const desktopProcedures = (desktop: DesktopPort): Handlers<typeof desktopApi> => ({
  offer(offer) {
    desktop.offer(offer);
    return {};
  },
  watch: (_, signal) => desktop.watch(signal),
});
