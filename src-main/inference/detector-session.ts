/**
 * An exported detector, opened in ONNX Runtime from its file. The graph takes raw 8-bit RGB tiles and holds all
 * preprocessing. A file that is not such a detector is refused with what is wrong about it, before any picture is read.
 *
 * Input   `pixels`           uint8   [N, S, S, 3]       RGB, S = passport.tileSize
 * Outputs `logit`            float32 [N]                natural log odds of simulated
 *         `map`              float32 [N, S/4, S/4]      P, in [0, 1]
 *         `maps`             float32 [N, S/4, S/4, k]   P_i, in [0, 1]
 *         `global_spectrum`  float32 [N, S, S]          ln(1 + |DCT of 255 luma|)
 *         `local_spectrum`   float32 [N, S/8, S/8]      root mean square of A - L per 8x8 block
 *         `block_spectrum`   float32 [N, S/8, S/8]      root mean square of A per 8x8 block; older files lack it
 *         `ablated`         float32 [N, branches]       logits without each branch; only where the passport names any
 */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { readOnnxFacts, type OnnxFacts } from '#compiler/onnx-file.ts';
import { AppError } from '#contract/errors.ts';
import { writtenPassport, type ModelPassport } from '#contract/model.ts';
import { allFinite } from '#engine/finite.ts';
import { loadOnnxRuntime, type Ort } from './onnx-runtime.ts';

/** The metadata property of the ONNX file that holds the passport as JSON. */
export const PASSPORT_PROPERTY = 'pentimento.passport';
/** A detector has about a megabyte; one a thousand times as large is none of ours. */
export const MAXIMUM_MODEL_BYTES = 2 ** 30;
/** Pixels along a side of a tile; of larger ones a single batch would take more memory than a photograph. */
export const MAXIMUM_TILE_SIZE = 1024;
/** Pixels along a side of a cell of `map` and `maps`. */
export const MAP_CELL = 4;
/** Pixels along a side of a cell of `local_spectrum`. */
export const LOCAL_CELL = 8;

/** What the detector says of a batch of tiles; each array is row-major with the shape given above. */
export interface TileOutputs {
  logit: Float32Array;
  map: Float32Array;
  maps: Float32Array;
  globalSpectrum: Float32Array;
  localSpectrum: Float32Array;
  /** Empty where the file has no such output. */
  blockSpectrum: Float32Array;
  /** Empty where the passport names no branches. */
  ablated: Float32Array;
}

export interface Detector {
  readonly passport: ModelPassport;
  /** ONNX Runtime's execution provider, e.g. `cpu`. */
  readonly provider: string;
  /** Milliseconds that ONNX Runtime has run for until now. */
  readonly runtimeMs: number;
  /**
   * Runs `count` tiles, `pixels` being [count, S, S, 3].
   * @throws AppError `model_invalid` where an output is not a finite number.
   */
  run(pixels: Uint8Array, count: number): Promise<TileOutputs>;
  dispose(): Promise<void>;
}

/** Name -> shape without the batch dimension. */
type Shapes = Record<keyof typeof outputKeys, number[]>;
const outputKeys = {
  logit: 'logit',
  map: 'map',
  maps: 'maps',
  global_spectrum: 'globalSpectrum',
  local_spectrum: 'localSpectrum',
  block_spectrum: 'blockSpectrum',
  ablated: 'ablated',
} as const satisfies Record<string, keyof TileOutputs>;
const outputNames = Object.keys(outputKeys) as (keyof typeof outputKeys)[];

/** Of every output that a detector may have. */
export function outputShapes({ tileSize, kernels, branches }: ModelPassport): Shapes {
  const cells = tileSize / MAP_CELL;
  const blocks = tileSize / LOCAL_CELL;
  return {
    logit: [],
    map: [cells, cells],
    maps: [cells, cells, kernels],
    global_spectrum: [tileSize, tileSize],
    local_spectrum: [blocks, blocks],
    block_spectrum: [blocks, blocks],
    ablated: [branches.length],
  };
}

/**
 * The passport in the bytes of an ONNX file.
 * @throws AppError `model_invalid` where there is none or it is not complete; `name` is the file's name in the message.
 */
export function readPassport(bytes: Uint8Array, name: string): ModelPassport {
  const invalid = (what: string, cause?: unknown): AppError =>
    new AppError('model_invalid', `${name} is not a detector of Pentimento: ${what}.`, { cause });
  let facts: OnnxFacts;
  try {
    facts = readOnnxFacts(bytes);
  } catch (cause) {
    throw invalid('it cannot be read as an ONNX file', cause);
  }
  // Such a file could have any other file of the machine read in its place.
  if (facts.external.length > 0)
    throw invalid(`values of "${facts.external[0]}" lie in another file, which is never read`);
  const text = facts.metadata[PASSPORT_PROPERTY];
  if (text === undefined) throw invalid(`its metadata has no "${PASSPORT_PROPERTY}"`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid('its passport is not JSON', cause);
  }
  const parsed = writtenPassport.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw invalid(`its passport is not valid at "${issue.path.join('.')}" (${issue.message})`);
  }
  const { tileSize, alignment } = parsed.data;
  if (tileSize > MAXIMUM_TILE_SIZE)
    throw invalid(
      `its passport names a tile size of ${tileSize} pixels, and at most ${MAXIMUM_TILE_SIZE} are used`,
    );
  if (alignment % LOCAL_CELL !== 0 || tileSize % alignment !== 0)
    throw invalid(`its passport names a tile size of ${tileSize} at an alignment of ${alignment} pixels`);
  return parsed.data;
}

/** What is wrong with one input or output, or null. Symbolic dimensions are taken as they come; a run shows their size. */
function mismatch(
  value: InferenceSession.ValueMetadata | undefined,
  name: string,
  type: string,
  shape: number[],
): string | null {
  if (!value) return `it has no "${name}"`;
  if (!value.isTensor) return `"${name}" is not a tensor`;
  if (value.type !== type) return `"${name}" is ${value.type}, not ${type}`;
  const rank = shape.length + 1;
  if (value.shape.length !== rank) return `"${name}" has ${value.shape.length} dimensions, not ${rank}`;
  const wrong = shape.some(
    (size, i) => typeof value.shape[i + 1] === 'number' && value.shape[i + 1] !== size,
  );
  if (wrong) return `"${name}" has the shape [${value.shape.join(', ')}], not [N, ${shape.join(', ')}]`;
  if (typeof value.shape[0] === 'number') return `"${name}" takes only batches of ${value.shape[0]}`;
  return null;
}

async function readWhole(path: string, invalid: (what: string) => AppError): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAXIMUM_MODEL_BYTES)
      throw invalid(
        `it has ${Math.round(size / 2 ** 20)} MB, and at most ${MAXIMUM_MODEL_BYTES / 2 ** 20} are read`,
      );
    return await readFile(path);
  } catch (cause) {
    throw AppError.from(cause);
  }
}

/**
 * Opens the ONNX file at `path` on a provider, the CPU's where none is named, and runs one blank tile through it, so that a graph that cannot run
 * is found here.
 * @param options.threads threads within one operation; ONNX Runtime's own choice where absent
 * @throws AppError `file_not_found`, `file_unreadable`, `model_invalid`, `backend_unavailable`
 */
export async function openDetector(
  path: string,
  options: { threads?: number; name?: string; provider?: string } = {},
): Promise<Detector> {
  const name = options.name ?? basename(path);
  const invalid = (what: string, cause?: unknown): AppError =>
    new AppError('model_invalid', `${name} cannot be used: ${what}.`, { cause });
  const bytes = await readWhole(path, invalid);
  const passport = readPassport(bytes, name);
  const { provider = 'cpu' } = options;
  const ort = await loadOnnxRuntime();
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [provider],
    // Warnings would go to the program's own stderr, past its log.
    logSeverityLevel: 3,
    // Threads that wait by spinning take the processor from decoding and from a training run beside this session.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
  }).catch((cause: unknown) => {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw invalid(`ONNX Runtime does not accept its graph (${text.split('\n')[0]})`, cause);
  });
  const detector = new OrtDetector(ort, session, passport, provider, invalid);
  try {
    detector.checkNames();
    await detector.run(new Uint8Array(passport.tileSize ** 2 * 3), 1);
  } catch (error) {
    await session.release();
    throw error;
  }
  return detector;
}

class OrtDetector implements Detector {
  readonly passport: ModelPassport;
  readonly provider: string;
  runtimeMs = 0;
  readonly #ort: Ort;
  readonly #session: InferenceSession;
  readonly #shapes: Shapes;
  /** Those that are read, all of which the file must have. */
  readonly #outputs: readonly (keyof Shapes)[];
  readonly #invalid: (what: string, cause?: unknown) => AppError;

  constructor(
    ort: Ort,
    session: InferenceSession,
    passport: ModelPassport,
    provider: string,
    invalid: (what: string, cause?: unknown) => AppError,
  ) {
    this.#ort = ort;
    this.#session = session;
    this.passport = passport;
    this.provider = provider;
    this.#shapes = outputShapes(passport);
    const absent: Partial<Record<keyof Shapes, boolean>> = {
      ablated: passport.branches.length === 0,
      block_spectrum: !session.outputNames.includes('block_spectrum'),
    };
    this.#outputs = outputNames.filter((name) => !absent[name]);
    this.#invalid = invalid;
  }

  /** @throws AppError `model_invalid` where an input or output is missing, of the wrong type or of the wrong shape */
  checkNames(): void {
    const { inputMetadata, outputMetadata } = this.#session;
    const { tileSize } = this.passport;
    const extra = inputMetadata.filter((input) => input.name !== 'pixels').map((input) => `"${input.name}"`);
    const problems = [
      ...(extra.length > 0 ? [`it wants unknown inputs: ${extra.join(', ')}`] : []),
      mismatch(
        inputMetadata.find((input) => input.name === 'pixels'),
        'pixels',
        'uint8',
        [tileSize, tileSize, 3],
      ),
      ...this.#outputs.map((name) =>
        mismatch(
          outputMetadata.find((output) => output.name === name),
          name,
          'float32',
          this.#shapes[name],
        ),
      ),
    ].filter((problem) => problem !== null);
    if (problems.length > 0) throw this.#invalid(problems.join('; '));
  }

  async run(pixels: Uint8Array, count: number): Promise<TileOutputs> {
    const { tileSize } = this.passport;
    const input = new this.#ort.Tensor('uint8', pixels, [count, tileSize, tileSize, 3]);
    const begun = performance.now();
    const outputs = await this.#session.run({ pixels: input }).catch((cause: unknown) => {
      const text = cause instanceof Error ? cause.message : String(cause);
      throw this.#invalid(`its graph failed on ${count} tiles (${text.split('\n')[0]})`, cause);
    });
    this.runtimeMs += performance.now() - begun;
    const read = (name: keyof Shapes): Float32Array => {
      const tensor = outputs[name]!;
      const shape = [count, ...this.#shapes[name]];
      if (tensor.dims.join() !== shape.join())
        throw this.#invalid(`"${name}" has the shape [${tensor.dims.join(', ')}], not [${shape.join(', ')}]`);
      const data = tensor.data as Float32Array;
      if (!allFinite(data)) throw this.#invalid(`"${name}" holds values that are not finite numbers`);
      return data;
    };
    const readWhereGiven = (name: keyof Shapes): Float32Array =>
      this.#outputs.includes(name) ? read(name) : new Float32Array();
    return {
      logit: read('logit'),
      map: read('map'),
      maps: read('maps'),
      globalSpectrum: read('global_spectrum'),
      localSpectrum: read('local_spectrum'),
      blockSpectrum: readWhereGiven('block_spectrum'),
      ablated: readWhereGiven('ablated'),
    };
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}
