/** The triage part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { triageApi } from '#contract/triage.ts';
import type { EvidenceService } from '#features/evidence/evidence.service.ts';
import type { TriageService } from './triage.service.ts';

export const triageProcedures = (
  triage: TriageService,
  evidence: Pick<EvidenceService, 'takeIn'>,
): Handlers<typeof triageApi> => ({
  start: (request) => triage.start(request),
  resume: ({ run }) => triage.resume(run),
  list: () => triage.list(),
  get: ({ run }) => triage.get(run),
  summary: ({ run }) => triage.summary(run),
  results: (query) => triage.results(query),
  failures: ({ run, ...page }) => triage.failures(run, page),
  setRules: ({ run, rules }) => triage.setRules(run, rules),
  setPriority: ({ run, below, priority }) => triage.setPriority(run, below, priority),
  retry: ({ run }) => triage.retry(run),
  sendToCase: (request) =>
    triage.sendToCase(request, (paths) => evidence.takeIn({ case: request.case, paths, storage: 'copy' })),
  export: ({ run, path, format }) => triage.export(run, path, format),
});
