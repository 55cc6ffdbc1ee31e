/**
 * Where ONNX Runtime really runs a graph. A session on a GPU gives every operator that the provider lacks to the CPU and says
 * nothing; its profile names the provider of every node that ran.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import type { HostTensor, PreparedFunction } from '#engine/ports.ts';

const CPU = 'CPUExecutionProvider';
/** Operators that do the bulk of the arithmetic, fused ones included. */
const heavy = /Conv|MatMul|Gemm/;
/** Copies between a provider and the CPU: a consequence, not work. */
const copy = /^Memcpy/;

export interface Placement {
  /** Operators of one run, copies left out. */
  nodes: number;
  onCpu: number;
  /** Convolutions and matrix products among them. */
  heavy: number;
  heavyOnCpu: number;
  /** Kinds of operators that ran on the CPU, each once. */
  cpuOperators: string[];
}

/** An entry of ONNX Runtime's profile, as far as we read it. */
export interface ProfileEvent {
  cat: string;
  name: string;
  args?: { provider?: string; op_name?: string };
}

export function placementOf(profile: readonly ProfileEvent[]): Placement {
  const ran = profile.flatMap(({ cat, name, args }) =>
    cat === 'Node' && name.endsWith('_kernel_time') && args?.op_name && !copy.test(args.op_name)
      ? [{ operator: args.op_name, cpu: args.provider === CPU }]
      : [],
  );
  const onCpu = ran.filter(({ cpu }) => cpu);
  const isHeavy = ({ operator }: { operator: string }) => heavy.test(operator);
  return {
    nodes: ran.length,
    onCpu: onCpu.length,
    heavy: ran.filter(isHeavy).length,
    heavyOnCpu: onCpu.filter(isHeavy).length,
    cpuOperators: [...new Set(onCpu.map(({ operator }) => operator))].sort(),
  };
}

/** Whether the CPU does most of the work: of convolutions and products where there are any, of all operators otherwise. */
export const mostlyOnCpu = (p: Placement): boolean =>
  p.heavy > 0 ? 2 * p.heavyOnCpu > p.heavy : 2 * p.onCpu > p.nodes;

/** What a person is told of it. */
export function placementSentence(p: Placement): string {
  if (p.onCpu === 0) return `all ${p.nodes} operators run on it`;
  return `the CPU runs ${p.onCpu} of ${p.nodes} operators (${p.cpuOperators.join(', ')})`;
}

/**
 * Runs a function once in a session that writes a profile, and reads it.
 * @param prepare opens the session with the options given
 */
export async function profiledRun(
  prepare: (options: InferenceSession.SessionOptions) => Promise<PreparedFunction>,
  inputs: Record<string, HostTensor>,
): Promise<Placement> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pentimento-profile-'));
  try {
    const prepared = await prepare({ enableProfiling: true, profileFilePrefix: path.join(folder, 'run') });
    await prepared.run(inputs);
    await prepared.dispose(); // writes the file
    const [file] = await readdir(folder);
    if (file === undefined) throw new Error('ONNX Runtime wrote no profile');
    return placementOf(JSON.parse(await readFile(path.join(folder, file), 'utf8')) as ProfileEvent[]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
