/**
 * What each pass is worth, each left out in turn, on the yardstick step and on the steps of the recipe:
 * `node tests/src-main/compiler/measure-passes.ts [rounds]`. Not a test: times depend on the machine. The variants of a step
 * take turns, on one thread, so that what else the machine does slows all alike; processor time depends on it least.
 */
import { compileToGraph } from '#compiler/compile.ts';
import { writeOnnx } from '#compiler/onnx-file.ts';
import { passNames } from '#compiler/passes/optimise.ts';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { observed, syntheticTrainer, type StepRecord } from '#compute/trainer/reference-steps.ts';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';
import { conv8Inputs, conv8Shape, conv8Step } from '#features/training-benchmark/conv8-step.ts';
import { loadOnnxRuntime } from '#inference/onnx-runtime.ts';

const rounds = Number(process.argv[2] ?? 8);
const ort = await loadOnnxRuntime();
type Step = Pick<StepRecord, 'name' | 'fn' | 'inputs'>;

/** The steps of one iteration of the recipe, with the inputs that they had. */
async function recipeSteps(): Promise<Step[]> {
  const steps = new Map<string, Step>();
  const backend = await createOrtBackend({ provider: 'cpu' });
  const watched = observed(backend, (record) => steps.set(record.name, record));
  await syntheticTrainer(resolveTrainingConfig(), watched).iterate(0);
  await backend.dispose();
  return [...steps.values()];
}

async function open({ name, fn, inputs }: Step, withoutPass: (typeof passNames)[number] | undefined) {
  const graph = await compileToGraph(name, fn, inputs, {
    outputPrefix: 'out:',
    ...(withoutPass ? { withoutPass } : {}),
  });
  const bytes = writeOnnx(graph);
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  return {
    left: withoutPass ?? 'none',
    nodes: graph.nodes.length,
    bytes: bytes.length,
    session,
    best: Infinity,
  };
}

async function measure(step: Step): Promise<void> {
  const variants = [];
  for (const pass of [undefined, ...passNames]) variants.push(await open(step, pass));
  const feeds = Object.fromEntries(
    Object.entries(step.inputs).map(([name, { dtype, data, shape }]) => [
      name,
      new ort.Tensor(dtype, data, shape),
    ]),
  );
  for (let round = 0; round <= rounds; round++)
    for (const variant of variants) {
      const before = process.cpuUsage();
      await variant.session.run(feeds);
      const { user, system } = process.cpuUsage(before);
      if (round > 0) variant.best = Math.min(variant.best, (user + system) / 1000);
    }
  console.log(`\n${step.name}\nleft out                nodes   file kB  processor ms`);
  for (const { left, nodes, bytes, best, session } of variants) {
    const size = (bytes / 1000).toFixed(0).padStart(9);
    console.log(`${left.padEnd(22)} ${String(nodes).padStart(6)} ${size} ${best.toFixed(1).padStart(13)}`);
    await session.release();
  }
}

await measure({ name: 'conv8', fn: conv8Step(conv8Shape), inputs: conv8Inputs(conv8Shape) });
for (const step of await recipeSteps()) await measure(step);
process.exit(0); // the WASM backend keeps worker threads
