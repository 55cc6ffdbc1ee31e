/** The one place where features meet: opens a workspace and builds the services and handlers of the whole program. */
import type { PentimentoHandlers } from '#contract/api.ts';
import { AppError } from '#contract/errors.ts';
import type { SystemReport } from '#contract/system.ts';
import { createExaminer } from '#compute/decoding/examiner.ts';
import { createJudgeHost } from '#compute/judging/judge-host.ts';
import { createTrainerHost } from '#compute/trainer-host.ts';
import type { SpawnChild } from '#compute/child-process.ts';
import { createViewer } from '#compute/viewing/viewer.ts';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';
import { analysisProcedures } from '#features/analysis/analysis.procedures.ts';
import { AnalysisService } from '#features/analysis/analysis.service.ts';
import { auditLogProcedures } from '#features/audit-log/audit-log.procedures.ts';
import { backupProcedures } from '#features/backups/backup.procedures.ts';
import { BackupService } from '#features/backups/backup.service.ts';
import { bundleProcedures } from '#features/bundles/bundle.procedures.ts';
import { BundleService } from '#features/bundles/bundle.service.ts';
import { caseProcedures } from '#features/cases/case.procedures.ts';
import { CaseService } from '#features/cases/case.service.ts';
import { createDatasets, type Datasets } from '#features/datasets/create-datasets.ts';
import { datasetProcedures } from '#features/datasets/dataset.procedures.ts';
import { noDesktop, type DesktopPort } from '#features/desktop/desktop-port.ts';
import { desktopProcedures } from '#features/desktop/desktop.procedures.ts';
import { detectionProcedures } from '#features/detection/detection.procedures.ts';
import { DetectionService } from '#features/detection/detection.service.ts';
import { diagnosticsProcedures } from '#features/diagnostics/diagnostics.procedures.ts';
import { DiagnosticsService } from '#features/diagnostics/diagnostics.service.ts';
import { evaluationProcedures } from '#features/evaluation/evaluation.procedures.ts';
import { EvaluationService } from '#features/evaluation/evaluation.service.ts';
import { evidenceProcedures } from '#features/evidence/evidence.procedures.ts';
import { EvidenceService } from '#features/evidence/evidence.service.ts';
import { takeSampleCase } from '#features/evidence/sample-case.ts';
import { importedListProcedures } from '#features/imported-lists/imported-list.procedures.ts';
import { ImportedListService } from '#features/imported-lists/imported-list.service.ts';
import { jobProcedures } from '#features/jobs/job.procedures.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { modelProcedures } from '#features/models/model.procedures.ts';
import { ModelService } from '#features/models/model.service.ts';
import { refuseMutations } from '#features/rpc/refuse-mutations.ts';
import { PictureTiles } from '#features/pictures/picture-tiles.ts';
import { regionProcedures } from '#features/regions/region.procedures.ts';
import { RegionService } from '#features/regions/region.service.ts';
import { noPrinter, type PdfPrinter } from '#features/reports/pdf-printer.ts';
import { reportProcedures } from '#features/reports/report.procedures.ts';
import { ReportService } from '#features/reports/report.service.ts';
import { retentionProcedures } from '#features/retention/retention.procedures.ts';
import { RetentionService } from '#features/retention/retention.service.ts';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { reviewProcedures } from '#features/reviews/review.procedures.ts';
import { ReviewService } from '#features/reviews/review.service.ts';
import { settingsProcedures } from '#features/settings/settings.procedures.ts';
import { SettingsService } from '#features/settings/settings.service.ts';
import { storedFilesProcedures } from '#features/stored-files/stored-files.procedures.ts';
import { StoredFilesService } from '#features/stored-files/stored-files.service.ts';
import { systemProcedures } from '#features/system/system.procedures.ts';
import { SystemService, type FileDialogs } from '#features/system/system.service.ts';
import { timeStampProcedures } from '#features/time-stamps/time-stamp.procedures.ts';
import { TimeStampService } from '#features/time-stamps/time-stamp.service.ts';
import { trainingRunProcedures } from '#features/training/training-run.procedures.ts';
import { TrainingRunService } from '#features/training/training-run.service.ts';
import { triageProcedures } from '#features/triage/triage.procedures.ts';
import { TriageService } from '#features/triage/triage.service.ts';
import { verificationProcedures } from '#features/verification/verification.procedures.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { backendStatuses } from './backend-status.ts';
import { licenceNotices } from './licence-notices.ts';
import { logsFolder } from './log-file.ts';

export interface AppOptions {
  /** The workspace's folder; made where it is absent. */
  dataDir: string;
  /** Where its stored files lie now, where that is not the folder that it knows. */
  files?: string | undefined;
  host: SystemReport['host'];
  /** The script of the trainer process. */
  trainerEntry: string;
  /** Of the program. */
  version: string;
  /** What prints reports as PDF, where the host has something. */
  printer?: PdfPrinter;
  /** The operating system's dialogs, where the host has them. */
  dialogs?: FileDialogs;
  /** The desktop around the windows, where the host has one. */
  desktop?: DesktopPort;
  /** How processes are started; by Node's `fork` where it is not given. */
  spawn?: SpawnChild;
}
export interface App {
  /** What windows and the command line may call. */
  handlers: PentimentoHandlers;
  services: {
    analyses: AnalysisService;
    backups: BackupService;
    bundles: BundleService;
    cases: CaseService;
    datasets: Datasets;
    detection: DetectionService;
    evaluations: EvaluationService;
    evidence: EvidenceService;
    jobs: JobService;
    models: ModelService;
    runs: TrainingRunService;
    regions: RegionService;
    retention: RetentionService;
    reports: ReportService;
    reviews: ReviewService;
    settings: SettingsService;
    system: SystemService;
    timeStamps: TimeStampService;
    triage: TriageService;
    verification: VerificationService;
  };
  workspace: Workspace;
  /** Originals as a window shows them. */
  tiles: PictureTiles;
  /** Ends jobs and runs at their next safe points, then gives the workspace back. Closing twice does nothing. */
  close(): Promise<void>;
}

/** The engine's own words for a bad setting, as an error that a person may meet. */
function resolveConfig(overrides: Record<string, unknown>): Record<string, unknown> {
  try {
    return resolveTrainingConfig(overrides);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('invalid_input', `The training settings cannot be used: ${message}.`, { cause });
  }
}

const scenes = (count: number, seed: number) => renderScenes({ count, seed });

/** @throws AppError `workspace_*` where the workspace cannot be opened; nothing is held then */
export async function createApp(options: AppOptions): Promise<App> {
  const { dataDir, host, trainerEntry, version, printer = noPrinter, spawn } = options;
  const { dialogs, desktop = noDesktop } = options;
  const workspace = await Workspace.open(dataDir, {
    holder: `Pentimento ${version} (${host})`,
    files: options.files,
  });
  const jobs = new JobService(new JobRepository(workspace.db));
  const examiner = createExaminer(spawn ? { spawn } : {});
  const heldBytes = (): number => workspace.settings.get('pictureCacheMegabytes') * 2 ** 20;
  const viewer = createViewer({ keep: heldBytes, ...(spawn ? { spawn } : {}) });
  const datasets = createDatasets({
    workspace,
    jobs,
    examiner,
    renderScenes: scenes,
  });
  const judging = createJudgeHost({
    ...(spawn ? { spawn } : {}),
    // What is open for reading only is not written, not even to remember how fast a provider was.
    ...(workspace.readOnly ? {} : { providers: workspace.judgingProviders }),
  });
  const models = new ModelService(workspace, judging);
  const runs = new TrainingRunService({
    workspace,
    trainer: createTrainerHost(trainerEntry, spawn),
    datasets: datasets.reading,
    guard: datasets.guard,
    models,
    resolveConfig,
    programVersion: version,
  });
  const detection = new DetectionService({
    ...{ workspace, jobs, models, judging, examiner, programVersion: version },
  });
  const evaluations = new EvaluationService({
    ...{ workspace, models, judging, examiner, programVersion: version },
  });
  const triage = new TriageService({ workspace, jobs, models, judging });
  const cases = new CaseService(workspace);
  const evidence = new EvidenceService({
    ...{ workspace, cases, detection, jobs, examiner, programVersion: version },
  });
  const lists = new ImportedListService(workspace);
  const analyses = new AnalysisService({
    ...{ workspace, jobs, evidence, examiner, datasets: datasets.reading, lists, spawn },
    programVersion: version,
  });
  const reviews = new ReviewService({ workspace, cases });
  const regions = new RegionService({ workspace, cases });
  const reports = new ReportService({ workspace, cases, jobs, printer, examiner, programVersion: version });
  const bundles = new BundleService({ workspace, cases, jobs, programVersion: version });
  const system = new SystemService({
    workspace,
    version,
    host,
    backends: backendStatuses,
    licences: licenceNotices,
    dialogs,
  });
  const diagnostics = new DiagnosticsService({ workspace, system, logs: logsFolder(dataDir) });
  const backups = new BackupService(workspace);
  const retention = new RetentionService(workspace);
  const settings = new SettingsService(workspace);
  const timeStamps = new TimeStampService(workspace);
  const verification = new VerificationService({ workspace, jobs });

  // A verb of the command line ends soon; the workbench stays open for days.
  if (host !== 'cli' && !workspace.readOnly) backups.schedule();

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await Promise.allSettled([runs.close(), jobs.close(), backups.close()]);
    await Promise.all([examiner.close(), viewer.close()]);
    await workspace.close();
  }
  const handlers: PentimentoHandlers = {
    analyses: analysisProcedures(analyses),
    auditLog: auditLogProcedures(workspace),
    backups: backupProcedures(backups),
    bundles: bundleProcedures(bundles),
    cases: caseProcedures(cases),
    datasets: datasetProcedures(datasets),
    desktop: desktopProcedures(desktop),
    detection: detectionProcedures(detection),
    diagnostics: diagnosticsProcedures(diagnostics),
    evaluations: evaluationProcedures(workspace, { jobs, evaluations, models }),
    evidence: evidenceProcedures(evidence, () => takeSampleCase({ cases, evidence, renderScenes: scenes })),
    importedLists: importedListProcedures(lists),
    jobs: jobProcedures(jobs),
    models: modelProcedures(models),
    runs: trainingRunProcedures(runs),
    regions: regionProcedures(regions),
    retention: retentionProcedures(retention),
    reports: reportProcedures(reports),
    reviews: reviewProcedures(reviews),
    settings: settingsProcedures(settings),
    storedFiles: storedFilesProcedures(new StoredFilesService({ workspace, jobs })),
    system: systemProcedures(system),
    timeStamps: timeStampProcedures(timeStamps),
    triage: triageProcedures(triage, evidence),
    verification: verificationProcedures(verification),
  };
  return {
    handlers: workspace.readOnly ? refuseMutations(handlers, workspace.readOnly) : handlers,
    services: {
      ...{
        analyses,
        backups,
        bundles,
        cases,
        datasets,
        detection,
        evaluations,
        evidence,
        jobs,
        models,
        regions,
        retention,
        runs,
      },
      ...{ reports, reviews, settings, system, timeStamps, triage, verification },
    },
    workspace,
    tiles: new PictureTiles((sha256) => evidence.locateOriginal(sha256), viewer, heldBytes),
    close: () => (closing ??= close()),
  };
}
