/** The runs part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { runsApi } from '#contract/training-run.ts';
import type { TrainingRunService } from './training-run.service.ts';

export const trainingRunProcedures = (runs: TrainingRunService): Handlers<typeof runsApi> => ({
  list: () => runs.list(),
  get: ({ id }) => runs.get(id),
  pace: (request) => runs.paces.pace(request),
  probe: (request, signal) => runs.paces.probe(request, signal),
  start: (request) => runs.start(request),
  resume: ({ id }) => runs.resume(id),
  stop: ({ id }) => runs.stop(id),
  pause: ({ id }) => runs.pause(id),
  metrics: ({ id, sinceStep, points }) => runs.metrics(id, sinceStep, points),
  sampleSteps: ({ id }) => runs.sampleSteps(id),
  samples: ({ id, step }) => runs.samples(id, step),
  log: ({ id }) => runs.log(id),
  watch: ({ id }, signal) => runs.watch(id, signal),
});
