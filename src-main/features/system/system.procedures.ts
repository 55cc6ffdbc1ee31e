/** The system part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { systemApi } from '#contract/system.ts';
import type { SystemService } from './system.service.ts';

export const systemProcedures = (system: SystemService): Handlers<typeof systemApi> => ({
  report: () => system.report(),
  licences: () => system.licences(),
  browse: ({ path }) => system.browse(path),
  choose: (choice) => system.dialogs.choose(choice),
  chooseTarget: (choice) => system.dialogs.chooseTarget(choice),
});
