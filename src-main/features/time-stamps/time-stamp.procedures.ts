/** The time stamps part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { timeStampsApi } from '#contract/time-stamp.ts';
import type { TimeStampService } from './time-stamp.service.ts';

export const timeStampProcedures = (timeStamps: TimeStampService): Handlers<typeof timeStampsApi> => ({
  list: async () => ({ timeStamps: await timeStamps.list() }),
  request: () => {
    const { head, request } = timeStamps.request();
    return { head, request: Buffer.from(request).toString('base64') };
  },
  import: ({ path, trust }) => timeStamps.import(path, trust),
});
