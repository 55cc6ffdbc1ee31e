/** The detection part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { detectionApi } from '#contract/detection.ts';
import type { DetectionService } from './detection.service.ts';

export const detectionProcedures = (detection: DetectionService): Handlers<typeof detectionApi> => ({
  start: (request) => detection.start(request),
  list: (page) => detection.list(page),
  get: ({ id }) => detection.get(id),
});
