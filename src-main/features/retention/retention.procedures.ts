/** The retention part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { retentionApi } from '#contract/retention.ts';
import type { RetentionService } from './retention.service.ts';

export const retentionProcedures = (retention: RetentionService): Handlers<typeof retentionApi> => ({
  plan: () => retention.plan(),
  collect: ({ digest }) => retention.collect(digest),
});
