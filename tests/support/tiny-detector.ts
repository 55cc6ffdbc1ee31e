/**
 * A detector that is no network: an ONNX file with the inputs, outputs and passport of an exported one, whose answers
 * are plain sums of the pixels, so that tests can compute them directly while a real ONNX Runtime session runs it.
 *
 * `map` is the mean of red, `maps` the means of red and green over 4 x 4 pixels, `local_spectrum` the mean of blue over
 * 8 x 8 and `block_spectrum` that of green, all divided by 255; `global_spectrum` is red itself; `logit` is `gain * mean(red) + bias`. `ablated`, of a passport that
 * names branches, is `logit` for each.
 */
import { writeFile } from 'node:fs/promises';
import proto, { type onnx } from 'onnx-proto';
import type { ModelCalibration } from '#contract/calibration.ts';
import type { ModelPassport, ModelValidation } from '#contract/model.ts';

// The package is CommonJS: Node sees only its default export.
const { AttributeProto, ModelProto, TensorProto } = proto.onnx;
const { FLOAT, INT64, UINT8 } = TensorProto.DataType;

export const tinyValidation: ModelValidation = {
  realCount: 40,
  simulatedCount: 40,
  auc: 0.9,
  aucInterval: [0.8, 0.95],
  protocol: 'none: a test',
};

/**
 * Of any PNG or JPEG of quality 70 or more, with or without colour, up to a million pixels: at a score of 1.5 the ratio is 1, at
 * 1.96 it reaches the ten of `simulated`, at 1.04 the tenth of `real`; it is never reported beyond 40.
 */
export function tinyCalibration(changes: Partial<ModelCalibration> = {}): ModelCalibration {
  const figure = { value: 0.9, interval: [0.8, 0.95] as [number, number] };
  return {
    tiers: (['lossless', 'jpeg_high', 'jpeg_medium'] as const).map((tier) => ({
      tier,
      map: { kind: 'logistic', slope: 5, offset: -7.5 },
      bounds: { lower: -Math.log(40), upper: Math.log(40) },
      counts: { real: 40, simulated: 40, realGroups: 40, simulatedGroups: 40 },
      figures: { auc: figure, ap: figure, eer: figure, cllr: figure, cllrMin: figure },
      reliability: [],
      categories: [{ category: 'hard-splice', simulated: 40, auc: figure, atChance: false }],
      atChance: false,
    })),
    domain: { pixels: { least: 64 * 64, most: 500_000 }, coloured: 40, grey: 40, rendered: false },
    density: null,
    band: Math.log(10),
    propositions: { simulated: 'It was forged.', real: 'It was not.' },
    ...changes,
  };
}

export function tinyPassport(changes: Partial<ModelPassport> = {}): ModelPassport {
  return {
    methodVersion: 'test',
    programVersion: '0.0.0',
    opset: 17,
    labels: ['real', 'simulated'],
    pixelFormat: 'uint8 RGB, NHWC',
    tileSize: 64,
    alignment: 8,
    kernels: 2,
    scoreAggregation: 'top-tenth',
    aggregation: null,
    frequencyBands: 'both',
    branches: [],
    generatorMode: 'both',
    calibration: tinyCalibration(),
    references: [],
    trainingConfigHash: 'a'.repeat(64),
    datasetManifestHash: 'b'.repeat(64),
    datasetName: 'test',
    datasetVersion: null,
    data: null,
    rendered: true,
    seed: 0,
    detectorSteps: 1,
    createdAt: 0,
    validation: tinyValidation,
    limits: [],
    cannotJudge: [],
    ...changes,
  };
}

export interface TinyDetectorOptions {
  passport?: Partial<ModelPassport>;
  /** Written as the passport instead of a valid one; null leaves it out. */
  passportText?: string | null;
  gain?: number;
  bias?: number;
  /** Outputs that are left out of the graph. */
  without?: string[];
  /** Reduces `logit` to shape [N, 1]. */
  logitRank2?: boolean;
  /** Declares the input with this element type instead of uint8. */
  inputType?: 'uint8' | 'float32';
  /** Takes the logarithm of a negative number: every logit is NaN. */
  notANumber?: boolean;
}

type Attribute = onnx.IAttributeProto;
const ints = (name: string, values: number[]): Attribute => ({
  name,
  ints: values,
  type: AttributeProto.AttributeType.INTS,
});
const int = (name: string, i: number): Attribute => ({
  name,
  i,
  type: AttributeProto.AttributeType.INT,
});

/** The bytes of such a file. */
export function tinyDetectorBytes(options: TinyDetectorOptions = {}): Uint8Array {
  const { gain = 10, bias = 0, without = [], inputType = 'uint8' } = options;
  const nodes: onnx.INodeProto[] = [];
  const node = (opType: string, input: string[], output: string[], attribute: Attribute[] = []): void => {
    nodes.push({ opType, input, output, attribute });
  };
  const scalar = (name: string, value: number): onnx.ITensorProto => ({
    name,
    dataType: FLOAT,
    dims: [],
    floatData: [value],
  });
  const indices = (name: string, values: number[]): onnx.ITensorProto => ({
    name,
    dataType: INT64,
    dims: [values.length],
    int64Data: values,
  });
  node('Cast', ['pixels'], ['float'], [int('to', FLOAT)]);
  node('Div', ['float', 'v255'], ['unit']);
  node('Transpose', ['unit'], ['nchw'], [ints('perm', [0, 3, 1, 2])]);
  node('Split', ['nchw', 'ones'], ['red', 'green', 'blue'], [int('axis', 1)]);
  const pool = (from: string, to: string, size: number): void =>
    node('AveragePool', [from], [to], [ints('kernel_shape', [size, size]), ints('strides', [size, size])]);
  pool('red', 'red4', 4);
  pool('green', 'green4', 4);
  pool('blue', 'blue8', 8);
  pool('green', 'green8', 8);
  node('Squeeze', ['red4', 'one'], ['map']);
  node('Concat', ['red4', 'green4'], ['both4'], [int('axis', 1)]);
  node('Transpose', ['both4'], ['maps'], [ints('perm', [0, 2, 3, 1])]);
  node('Squeeze', ['red', 'one'], ['global_spectrum']);
  node('Squeeze', ['blue8', 'one'], ['local_spectrum']);
  node('Squeeze', ['green8', 'one'], ['block_spectrum']);
  node(
    'ReduceMean',
    ['red'],
    ['mean'],
    [ints('axes', options.logitRank2 ? [2, 3] : [1, 2, 3]), int('keepdims', 0)],
  );
  node('Mul', ['mean', 'gain'], ['scaled']);
  node('Add', ['scaled', 'bias'], [options.notANumber ? 'plain' : 'logit']);
  if (options.notANumber) {
    node('Sub', ['plain', 'huge'], ['negative']);
    node('Log', ['negative'], ['logit']);
  }
  const branches = options.passport?.branches?.length ?? 0;
  if (branches > 0) {
    node('Unsqueeze', ['logit', 'one'], ['column']);
    node('Concat', Array<string>(branches).fill('column'), ['ablated'], [int('axis', 1)]);
  }
  const value = (name: string, elemType: number, dims: number[]): onnx.IValueInfoProto => ({
    name,
    type: {
      tensorType: {
        elemType,
        shape: { dim: [{ dimParam: 'N' }, ...dims.map((dimValue) => ({ dimValue }))] },
      },
    },
  });
  const outputs = [
    value('logit', FLOAT, options.logitRank2 ? [1] : []),
    value('map', FLOAT, [16, 16]),
    value('maps', FLOAT, [16, 16, 2]),
    value('global_spectrum', FLOAT, [64, 64]),
    value('local_spectrum', FLOAT, [8, 8]),
    value('block_spectrum', FLOAT, [8, 8]),
    ...(branches > 0 ? [value('ablated', FLOAT, [branches])] : []),
  ].filter((output) => !without.includes(output.name!));
  const passportText =
    options.passportText === undefined
      ? JSON.stringify(tinyPassport(options.passport))
      : options.passportText;
  return ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    metadataProps: passportText === null ? [] : [{ key: 'pentimento.passport', value: passportText }],
    graph: {
      name: 'tiny',
      node: nodes,
      input: [value('pixels', inputType === 'uint8' ? UINT8 : FLOAT, [64, 64, 3])],
      output: outputs,
      initializer: [
        scalar('v255', 255),
        scalar('gain', gain),
        scalar('bias', bias),
        ...(options.notANumber ? [scalar('huge', 1e6)] : []),
        indices('one', [1]),
        indices('ones', [1, 1, 1]),
      ],
    },
  }).finish();
}

export async function writeTinyDetector(path: string, options: TinyDetectorOptions = {}): Promise<string> {
  await writeFile(path, tinyDetectorBytes(options));
  return path;
}
