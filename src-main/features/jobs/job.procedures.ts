/** The jobs part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { jobsApi } from '#contract/job.ts';
import type { JobService } from './job.service.ts';

export const jobProcedures = (jobs: JobService): Handlers<typeof jobsApi> => ({
  list: () => jobs.list(),
  get: ({ id }) => jobs.get(id),
  cancel: ({ id }) => jobs.cancel(id),
  pause: ({ id }) => jobs.pause(id),
  resume: ({ id }) => jobs.resume(id),
  watch: ({ id }, signal) => jobs.watch(id, signal),
});
