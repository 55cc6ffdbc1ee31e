/** What the trainer is told of a run and of a probe of it alike. */
import type { TrainerPhotograph, TrainerStart } from '#contract/trainer-messages.ts';
import type { PaceRequest } from '#contract/training-run.ts';
import type { Workspace } from '#storage/workspace.ts';

type Asked = Pick<PaceRequest, 'seed' | 'backend' | 'provider' | 'cacheMegabytes' | 'overrides'>;

export const trainerSettings = (
  { seed, backend, provider, cacheMegabytes, overrides }: Asked,
  photographs: TrainerPhotograph[],
  program: { workspace: Pick<Workspace, 'backendMeasurements' | 'settings'>; programVersion: string },
) =>
  ({
    type: 'start',
    ...{ photographs, seed, backend, overrides },
    ...(provider === undefined ? {} : { provider }),
    cacheMegabytes: cacheMegabytes ?? program.workspace.settings.get('trainingCacheMegabytes'),
    programVersion: program.programVersion,
    backendMeasurements: program.workspace.backendMeasurements,
  }) satisfies Partial<TrainerStart>;
