/** The tables as Kysely sees them. Booleans are 0 or 1, times are milliseconds since 1970 UTC, JSON is text. */
import type { Generated } from 'kysely';
import type { AnalysisState } from '#contract/analysis.ts';
import type { CaseStatus } from '#contract/case.ts';
import type { JobState } from '#contract/common.ts';
import type { DatasetLabel, Split } from '#contract/dataset.ts';
import type { VerdictLabel } from '#contract/detection.ts';
import type { EvidenceState, EvidenceStorage } from '#contract/evidence.ts';
import type { JobKind } from '#contract/job.ts';
import type { StabilityWhen } from '#contract/stability.ts';

export type Flag = 0 | 1;
export type Json = string;

export interface BlobTable {
  hash: string;
  bytes: number;
  media_type: string;
  kind: 'original' | 'derived';
  created_at: number;
}
export interface PictureTable {
  sha256: string;
  format: string;
  width: number;
  height: number;
  /** JSON: string[] */
  notes: Json;
  thumbnail: string;
  /** 64-bit difference hash, 16 hexadecimal digits. */
  perceptual_hash: string;
  rendered: Flag;
}
export interface DatasetTable {
  id: string;
  name: string;
  created_at: number;
  rendered: Flag;
  /** Null while it has to be computed again. */
  manifest_hash: string | null;
  /** Of all that is said of the items; to be computed again where `manifest_hash` is. */
  content_hash: Generated<string | null>;
}
export interface DatasetItemTable {
  sequence: Generated<number>;
  id: string;
  dataset_id: string;
  sha256: string;
  label: DatasetLabel;
  split: Split;
  group_key: string;
  category: string | null;
  mask: string | null;
  source_path: string;
  added_at: number;
  licence: Generated<string | null>;
  evidence_reason: Generated<string | null>;
}
export interface DatasetVersionTable {
  id: string;
  dataset_id: string;
  number: number;
  manifest_hash: string;
  content_hash: string;
  items: number;
  created_at: number;
  /** Set once its items are in; from then on neither it nor they change. */
  sealed: Generated<Flag>;
}
export interface DatasetVersionItemTable {
  version_id: string;
  /** The item's sequence in the dataset. */
  position: number;
  item_id: string;
  sha256: string;
  label: DatasetLabel;
  split: Split;
  group_key: string;
  category: string | null;
  mask: string | null;
  source_path: string;
  added_at: number;
  licence: string | null;
  evidence_reason: string | null;
}
export interface DatasetEditTable {
  sequence: Generated<number>;
  id: string;
  dataset_id: string;
  action: string;
  summary: string;
  at: number;
  undone_at: number | null;
}
export interface DatasetEditItemTable {
  edit_id: string;
  item_id: string;
  /** JSON: the item's row; null where it was not there. */
  before: Json | null;
  /** JSON: the item's row; null where it is no longer there. */
  after: Json | null;
}
export interface FileFactsTable {
  hash: string;
  /** Of the program's way to read them: other readings are not believed. */
  reading: number;
  facts: Json;
}
export interface TrainingRunTable {
  id: string;
  dataset_id: string;
  dataset_name: string;
  rendered: Flag;
  dataset_manifest_hash: string;
  /** Null for runs from before datasets had versions. */
  dataset_version_id: Generated<string | null>;
  state: JobState;
  created_at: number;
  started_at: number | null;
  /** Set exactly where the state is an ended one: done, failed, cancelled or interrupted. */
  ended_at: number | null;
  request: Json;
  config: Json;
  backend: Json | null;
  step: Generated<number>;
  trained_seconds: Generated<number>;
  /** Always set where the state is `failed`. */
  error: Json | null;
  program_version: string;
}
export interface RunMetricTable {
  run_id: string;
  step: number;
  cls: number;
  sim: number;
  div: number;
  total_generator: number;
  total_detector: number;
  accuracy: number;
  mask_area: number;
  images_per_second: number;
  data_wait_share: number;
  eta_seconds: number | null;
  /** Of the generator's blends; all null where it makes none, and in points of older versions. */
  smallest_mask_area: number | null;
  largest_mask_area: number | null;
  mask_deviation: number | null;
  blend_change: number | null;
  style_change: number | null;
  /** Of the evaluation since the point before; all null where there was none. */
  validation_step: number | null;
  validation_loss: number | null;
  validation_auc: number | null;
}
export interface RunSampleTable {
  run_id: string;
  step: number;
  sample_index: number;
  /** JSON: RunSample of the contract. */
  sample: Json;
}
export interface RunLogTable {
  sequence: Generated<number>;
  run_id: string;
  at: number;
  level: 'info' | 'warning' | 'error';
  code: string;
  message: string;
}
export interface CheckpointTable {
  run_id: string;
  step: number;
  /** Relative to the run's folder. */
  path: string;
  bytes: number;
  sha256: string;
  trained_seconds: number;
  created_at: number;
}
export interface JobTable {
  sequence: Generated<number>;
  id: string;
  kind: JobKind;
  title: string;
  state: JobState;
  progress: Json | null;
  /** Always set where the state is `done`. */
  result: Json | null;
  /** Always set where the state is `failed`. */
  error: Json | null;
  created_at: number;
  started_at: number | null;
  /** Set exactly where the state is an ended one: done, failed, cancelled or interrupted. */
  ended_at: number | null;
}
export interface ModelTable {
  id: string;
  run_id: string | null;
  name: string;
  sha256: string;
  bytes: number;
  created_at: number;
  is_current: Generated<Flag>;
  /** JSON: ModelPassport of the contract. */
  passport: Json;
}
export interface ModelEvaluationTable {
  id: string;
  model_id: string;
  created_at: number;
  seed: number;
  /** Path of the manifest. */
  manifest: string;
  manifest_sha256: string;
  /** JSON: the judged pictures (evaluation.repository.ts). */
  pictures: Json;
  /** JSON: the figures of them. */
  figures: Json;
  /** These three are null in rows from before they were kept. */
  program_version: string | null;
  /** Of ONNX Runtime, on which the model ran. */
  provider: string | null;
  /** JSON: what was asked for, apart from the manifest and the seed. */
  configuration: Json | null;
}
export interface VerdictTable {
  sequence: Generated<number>;
  id: string;
  path: string;
  sha256: string;
  /** Null for a picture that was judged by itself, and whose bytes are then a blob. */
  evidence_id: string | null;
  width: number;
  height: number;
  format: string;
  rendered: Flag;
  verdict: VerdictLabel;
  reason: string;
  notes: Json;
  score: number;
  llr: number | null;
  tiles: number;
  preview: string;
  maps: Json;
  model_id: string;
  provider: string;
  program_version: Generated<string | null>;
  decode_ms: number;
  infer_ms: number;
  total_ms: number;
  created_at: number;
  /** JSON: VerdictStatement of the contract; null in rows from before models were calibrated. */
  statement: Json | null;
  /** JSON: Stability of the contract; null where it was not looked at. */
  stability: Json | null;
  /** JSON: Explanation of the contract; null in rows from before it was kept. */
  explanation: Json | null;
}
export interface AnalysisTable {
  sequence: Generated<number>;
  id: string;
  path: string;
  sha256: string;
  /** Null for a picture that was analysed by itself, and whose bytes are then a blob. */
  evidence_id: string | null;
  name: string;
  title: string;
  version: number;
  program_version: string;
  libraries: Json;
  parameters: Json;
  state: AnalysisState;
  /** Null exactly where the state is `ran`. */
  reason: string | null;
  findings: Json;
  maps: Json;
  files: Json;
  details: Json;
  run_ms: number;
  created_at: number;
}
export interface TriageRunTable {
  sequence: Generated<number>;
  id: string;
  title: string;
  created_at: number;
  /** JSON: TriageFolder[] of the contract. */
  folders: Json;
  model_id: string;
  /** JSON: TriageRule[] of the contract. */
  rules: Json;
  /** Whether every folder was listed to its end. */
  listed: Flag;
  /** Of which pictures the stability of the verdict is looked at. */
  stability: Generated<StabilityWhen>;
}
export interface TriageItemTable {
  sequence: Generated<number>;
  id: string;
  run_id: string;
  path: string;
  category: string;
  priority: number;
  state: 'waiting' | 'judged' | 'failed';
  /** Set exactly where the state is `failed`. */
  error: Json | null;
}
/** Never changes. */
export interface TriageResultTable {
  sequence: Generated<number>;
  /** Of its item. */
  id: string;
  run_id: string;
  path: string;
  category: string;
  sha256: string;
  width: number;
  height: number;
  format: string;
  verdict: VerdictLabel;
  reason: string;
  score: number;
  llr: number | null;
  tiles: number;
  /** JSON: Stability of the contract; null where it was not looked at. */
  stability: Json | null;
  camera: string | null;
  taken: string | null;
  provider: string;
  judged_at: number;
  decode_ms: number;
  infer_ms: number;
  total_ms: number;
}
export interface AuditLogTable {
  sequence: number;
  previous: string;
  hash: string;
  at: number;
  examiner: string;
  action: string;
  subject_kind: string;
  subject_id: string;
  /** JSON in its canonical form. */
  payload: Json;
}
export interface ImportedListTable {
  id: string;
  kind: 'hashes' | 'trust';
  name: string;
  date: string;
  file: string;
  source_path: string;
  counts: Json;
  not_comparable: Json;
  imported_at: number;
}
export interface TimeStampTable {
  id: string;
  entry: number;
  entry_hash: string;
  token: string;
  trust: string | null;
  at: number;
  accuracy_ms: number | null;
  authority: string;
  issuer: string;
  certificate_sha256: string;
  serial: string;
  policy: string;
  imported_at: number;
}
export interface SettingTable {
  key: string;
  value: Json;
}
export interface CaseTable {
  id: string;
  name: string;
  number: string;
  examiner: string;
  notes: string;
  /** JSON: string[] */
  tags: Json;
  status: CaseStatus;
  created_at: number;
  updated_at: number;
}
export interface EvidenceItemTable {
  sequence: Generated<number>;
  id: string;
  case_id: string;
  sha256: string;
  storage: EvidenceStorage;
  blob: string | null;
  source_path: string;
  name: string;
  name_key: string;
  search_text: string;
  format: string;
  media_type: string;
  bytes: number;
  width: number;
  height: number;
  /** width * height, to sort by. */
  pixels: number;
  /** JSON: string[] */
  reading_notes: Json;
  /** JSON: EmbeddedDate[] */
  embedded_dates: Json;
  modified_at: number | null;
  thumbnail: string;
  perceptual_hash: string;
  rendered: Flag;
  /** JSON: string[] */
  tags: Json;
  notes: string;
  state: EvidenceState;
  state_reason: string | null;
  checked_at: number;
  /** Of the latest verdict on it; written by a trigger. */
  verdict: VerdictLabel | null;
  score: number | null;
  taken_at: number;
}
export interface DerivedFileTable {
  sequence: Generated<number>;
  case_id: string;
  evidence_id: string | null;
  blob: string;
  purpose: string;
  tool: string;
  tool_version: string;
  parameters: Json;
  source_sha256: string;
  created_at: number;
}
export interface ReportTable {
  sequence: Generated<number>;
  id: string;
  /** Null exactly where there is a verdict. */
  case_id: string | null;
  verdict_id: string | null;
  pictures: number;
  format: 'html' | 'pdf';
  blob: string;
  bytes: number;
  content_sha256: string;
  log_entries: number;
  log_hash: string;
  examiner: string;
  program_version: string;
  created_at: number;
}
export interface ReviewTable {
  sequence: Generated<number>;
  id: string;
  evidence_id: string;
  sha256: string;
  examiner: string;
  examiner_key: string;
  /** 1 for the first of the item. */
  position: number;
  verdict: VerdictLabel;
  reasons: string;
  blind: Flag;
  salt: string;
  created_at: number;
  /** Null while it is sealed. */
  opened_at: number | null;
}
export interface RegionNoteTable {
  sequence: Generated<number>;
  id: string;
  evidence_id: string;
  x: number;
  y: number;
  width: number;
  height: number;
  text: string;
  examiner: string;
  created_at: number;
  updated_at: number;
  /** Null while it stands. */
  removed_at: number | null;
}

export interface WorkspaceDatabase {
  blobs: BlobTable;
  pictures: PictureTable;
  datasets: DatasetTable;
  dataset_items: DatasetItemTable;
  dataset_versions: DatasetVersionTable;
  dataset_version_items: DatasetVersionItemTable;
  dataset_edits: DatasetEditTable;
  dataset_edit_items: DatasetEditItemTable;
  file_facts: FileFactsTable;
  training_runs: TrainingRunTable;
  run_metrics: RunMetricTable;
  run_samples: RunSampleTable;
  run_log: RunLogTable;
  checkpoints: CheckpointTable;
  jobs: JobTable;
  models: ModelTable;
  verdicts: VerdictTable;
  model_evaluations: ModelEvaluationTable;
  triage_runs: TriageRunTable;
  triage_items: TriageItemTable;
  triage_results: TriageResultTable;
  analyses: AnalysisTable;
  audit_log: AuditLogTable;
  imported_lists: ImportedListTable;
  time_stamps: TimeStampTable;
  settings: SettingTable;
  cases: CaseTable;
  evidence_items: EvidenceItemTable;
  derived_files: DerivedFileTable;
  region_notes: RegionNoteTable;
  reviews: ReviewTable;
  reports: ReportTable;
}
