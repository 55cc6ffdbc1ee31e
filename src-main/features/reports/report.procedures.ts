/** The reports part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { reportsApi } from '#contract/report.ts';
import type { ReportService } from './report.service.ts';

export const reportProcedures = (reports: ReportService): Handlers<typeof reportsApi> => ({
  ofCase: ({ caseId }) => reports.ofCase(caseId),
  get: ({ id }) => reports.get(id),
  write: (request) => reports.start(request),
  save: ({ id, path }) => reports.save(id, path),
});
