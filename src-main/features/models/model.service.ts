/** Models: detectors as ONNX files in the blob store, with the passports that they carry. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import { model, writtenPassport, type Model } from '#contract/model.ts';
import { readPassport } from '#inference/detector-session.ts';
import { createJudgeHost, type JudgeHost } from '#compute/judging/judge-host.ts';
import { newId } from '#storage/new-id.ts';
import type { Workspace } from '#storage/workspace.ts';
import { writeNamedFile } from '#compute/write-file.ts';
import { ModelRepository, type ModelRow } from './model.repository.ts';

const mediaType = 'application/octet-stream';

const toModel = (row: ModelRow): Model =>
  model.parse({
    id: row.id,
    runId: row.run_id,
    name: row.name,
    sha256: row.sha256,
    bytes: row.bytes,
    createdAt: row.created_at,
    current: row.is_current === 1,
    passport: writtenPassport.parse(JSON.parse(row.passport)),
  });

export class ModelService {
  readonly #workspace: Workspace;
  readonly #repository: ModelRepository;
  readonly #judging: JudgeHost;

  constructor(workspace: Workspace, judging: JudgeHost = createJudgeHost()) {
    this.#workspace = workspace;
    this.#judging = judging;
    this.#repository = new ModelRepository(workspace.db);
  }

  /** Newest first. */
  async list(): Promise<Model[]> {
    return (await this.#repository.list()).map(toModel);
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<Model> {
    const row = await this.#repository.find(id);
    if (!row) throw new AppError('not_found', `There is no model ${id}.`);
    return toModel(row);
  }

  /** Makes it the one that detection uses where none is named. */
  async use(id: string): Promise<Model> {
    const { sha256 } = await this.get(id);
    const { db, audit } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      await this.#repository.makeCurrent(transaction, id);
      audit.record(transaction, {
        action: 'model.chosen',
        subject: { kind: 'model', id },
        payload: { sha256 },
      });
    });
    return this.get(id);
  }

  /**
   * Takes in an ONNX file from elsewhere; the same bytes again are the model that is there already.
   * @throws AppError `file_not_found`, `file_unreadable`, `model_invalid`, `disk_full`
   */
  async import(file: string): Promise<Model> {
    return this.#add({ runId: null, name: path.basename(file, '.onnx') || 'model', path: file });
  }

  /** Takes in the model that a run exported. Errors as of `import`. */
  async register(from: { runId: string; name: string; path: string }): Promise<Model> {
    return this.#add(from);
  }

  /**
   * The model that is meant: by its id, by the path of an ONNX file (which is taken in), or the current one.
   * @throws AppError `model_missing` where there is none, and those of `import`
   */
  async resolve(reference?: string): Promise<Model> {
    if (reference === undefined) {
      const current = await this.#repository.current();
      if (current) return toModel(current);
      throw new AppError('model_missing', 'This workspace has no model yet.');
    }
    const row = await this.#repository.find(reference);
    if (row) return toModel(row);
    const isFile = await stat(reference).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile) return this.import(reference);
    throw new AppError('model_missing', `There is no model with the id ${reference}, and no such file.`);
  }

  /** Where its ONNX file lies, checked against its hash. Errors: `evidence_changed`, `not_found`. */
  async verifiedPath({ sha256 }: Pick<Model, 'sha256'>): Promise<string> {
    await this.#workspace.blobs.verify(sha256);
    return this.#workspace.blobs.pathOf(sha256);
  }

  /**
   * Writes the ONNX file of a model, or of a run's newest model, to `target`: whole or not at all.
   * @param id of a model or of a run
   * @throws AppError `not_found` (also for a run without a model), `evidence_changed`, those of `writeNamedFile`
   */
  async exportModel(id: string, target: string): Promise<Model> {
    const row = (await this.#repository.find(id)) ?? (await this.#repository.byRun(id));
    if (!row)
      throw new AppError('not_found', `There is no model ${id}, nor a run ${id} that has exported one.`);
    const source = await this.verifiedPath(row);
    const absolute = path.resolve(target);
    const { db, audit } = this.#workspace;
    await writeNamedFile(
      absolute,
      (file) => file.writeFile(createReadStream(source)),
      (place) =>
        db.transaction().execute(async (transaction) => {
          audit.record(transaction, {
            action: 'model.exported',
            subject: { kind: 'model', id: row.id },
            payload: { sha256: row.sha256, file: absolute },
          });
          await place();
        }),
    );
    return toModel(row);
  }

  /** Opens the file once, in a process of its own, so that nothing comes in that cannot run. */
  async #add(from: { runId: string | null; name: string; path: string }): Promise<Model> {
    const judge = await this.#judging.open({ path: from.path, name: path.basename(from.path) });
    await judge.close();
    const { blobs } = this.#workspace;
    const { hash, bytes } = await blobs.putFile(from.path, mediaType, 'derived');
    const known = await this.#repository.byHash(hash);
    if (known && (from.runId === null || known.run_id === from.runId)) return toModel(known);
    const id = newId();
    const row = {
      id,
      run_id: from.runId,
      name: from.name,
      sha256: hash,
      bytes,
      created_at: Date.now(),
      // From the stored bytes: the file may have changed since it was opened.
      passport: JSON.stringify(readPassport(await blobs.read(hash), path.basename(from.path))),
    };
    const { db, audit } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      const current = await this.#repository.insert(transaction, row);
      audit.record(transaction, {
        action: from.runId === null ? 'model.imported' : 'model.trained',
        subject: { kind: 'model', id },
        payload: { run: from.runId, name: from.name, sha256: hash, file: from.path, current },
        seal: [{ table: 'models', id }],
      });
    });
    return this.get(id);
  }
}
