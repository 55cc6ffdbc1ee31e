/** The one list of everything that a host offers to its windows, the command line and the tests. */
import type { ApiHandlers, Client } from './api-definition.ts';
import { analysesApi } from './analysis.ts';
import { auditLogApi } from './audit.ts';
import { backupsApi } from './backup.ts';
import { bundlesApi } from './bundle.ts';
import { casesApi } from './case.ts';
import { datasetsApi } from './dataset.ts';
import { desktopApi } from './desktop.ts';
import { detectionApi } from './detection.ts';
import { diagnosticsApi } from './diagnostics.ts';
import { evaluationsApi } from './evaluation.ts';
import { evidenceApi } from './evidence.ts';
import { importedListsApi } from './imported-list.ts';
import { jobsApi } from './job.ts';
import { modelsApi } from './model.ts';
import { regionsApi } from './region.ts';
import { reportsApi } from './report.ts';
import { retentionApi } from './retention.ts';
import { reviewsApi } from './review.ts';
import { settingsApi } from './setting.ts';
import { storedFilesApi } from './stored-files.ts';
import { systemApi } from './system.ts';
import { timeStampsApi } from './time-stamp.ts';
import { triageApi } from './triage.ts';
import { runsApi } from './training-run.ts';
import { verificationApi } from './verification.ts';

export const api = {
  analyses: analysesApi,
  auditLog: auditLogApi,
  backups: backupsApi,
  bundles: bundlesApi,
  cases: casesApi,
  datasets: datasetsApi,
  desktop: desktopApi,
  detection: detectionApi,
  diagnostics: diagnosticsApi,
  evaluations: evaluationsApi,
  evidence: evidenceApi,
  importedLists: importedListsApi,
  jobs: jobsApi,
  models: modelsApi,
  regions: regionsApi,
  reports: reportsApi,
  retention: retentionApi,
  reviews: reviewsApi,
  runs: runsApi,
  settings: settingsApi,
  storedFiles: storedFilesApi,
  system: systemApi,
  timeStamps: timeStampsApi,
  triage: triageApi,
  verification: verificationApi,
};
export type Api = typeof api;
export type PentimentoClient = Client<Api>;
export type PentimentoHandlers = ApiHandlers<Api>;
