/**
 * Every migration, oldest first, numbered by tens. One that has been released is never edited: a change is a new one.
 * Tables are STRICT. Columns that hold JSON say so in a check. Where a JSON column names blobs, it does so as plain
 * hashes in string values, so that one walk over it finds all that it refers to.
 */
import { blobs } from './0010-blobs.ts';
import { datasets } from './0020-datasets.ts';
import { trainingRuns } from './0030-training-runs.ts';
import { jobs } from './0040-jobs.ts';
import { models } from './0050-models.ts';
import { verdicts } from './0060-verdicts.ts';
import { runMeasures } from './0070-run-measures.ts';
import { auditLog } from './0080-audit-log.ts';
import { cases } from './0100-cases.ts';
import { evidenceVerdicts } from './0110-evidence-verdicts.ts';
import { evidencePages } from './0120-evidence-pages.ts';
import { datasetVersions } from './0130-dataset-versions.ts';
import { datasetEdits } from './0140-dataset-edits.ts';
import { fileFacts } from './0150-file-facts.ts';
import { timeStamps } from './0160-time-stamps.ts';
import { verdictPrograms } from './0170-verdict-programs.ts';
import { triage } from './0180-triage.ts';
import { verdictStatements } from './0190-verdict-statements.ts';
import { modelEvaluations } from './0191-model-evaluations.ts';
import { analyses } from './0200-analyses.ts';
import { regionNotes } from './0220-region-notes.ts';
import { reviews } from './0230-reviews.ts';
import { reports } from './0235-reports.ts';
import { verdictStability } from './0240-verdict-stability.ts';
import { verdictExplanation } from './0250-verdict-explanation.ts';
import { evaluationCircumstances } from './0260-evaluation-circumstances.ts';
import { importedLists } from './0270-imported-lists.ts';
import { triageStability } from './0280-triage-stability.ts';

export type Migration = { number: number; name: string; sql: string };

export const migrations: readonly Migration[] = [
  blobs,
  datasets,
  trainingRuns,
  jobs,
  models,
  verdicts,
  runMeasures,
  auditLog,
  cases,
  evidenceVerdicts,
  evidencePages,
  datasetVersions,
  datasetEdits,
  fileFacts,
  timeStamps,
  verdictPrograms,
  triage,
  verdictStatements,
  modelEvaluations,
  analyses,
  regionNotes,
  reviews,
  reports,
  verdictStability,
  verdictExplanation,
  evaluationCircumstances,
  importedLists,
  triageStability,
];
