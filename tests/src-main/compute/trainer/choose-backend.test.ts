/** Which backend a run trains on: asked for by name, or measured, refused where it computes wrongly, and remembered. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NamedBackend } from '#compute/backends/backend-statuses.ts';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { measurementsHere, readMeasurements } from '#compute/trainer/backend-memory.ts';
import { chooseBackend } from '#compute/trainer/choose-backend.ts';
import { AppError } from '#contract/errors.ts';
import type { BackendStatus } from '#contract/system.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { spoiltBackend, type Spoilt } from '#tests/support/spoilt-backend.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { tinyConfig } from '#tests/support/tiny-training.ts';

let ort: ComputeBackend;
let wasm: ComputeBackend;
beforeAll(async () => {
  ort = await createOrtBackend({ provider: 'cpu', threads: 1 });
  wasm = await createWasmBackend();
});
afterAll(() => ort.dispose());

const config = tinyConfig({ generatorMode: 'none' }); // steps of the detector alone
const wrong: Spoilt = { name: 'detectorStep', output: 'firstMoment', run: 1, value: 1 };
const status = (name: string, provider: string, more: Partial<BackendStatus> = {}): BackendStatus => ({
  ...{ name, provider, ready: true, device: 'a device', reason: '' },
  ...more,
});
const cpuOnly = [status('wasm', 'cpu'), status('ort', 'cpu'), status('ort', 'dml', { ready: false })];

/** A machine whose backends a test decides, and what a run on it was told. */
class Machine {
  readonly opened: string[] = [];
  readonly log: { level: string; code: string; message: string }[] = [];
  readonly file: string | undefined;
  statuses = cpuOnly;
  ort = (): Promise<ComputeBackend> => Promise.resolve({ ...ort, dispose: () => Promise.resolve() });

  constructor(file?: string) {
    this.file = file;
  }
  choose(request: {
    backend: 'auto' | 'ort' | 'wasm';
    provider?: 'cpu' | 'webgpu';
    programVersion?: string;
  }) {
    this.opened.length = 0;
    const { programVersion = '1.2.3', ...asked } = request;
    return chooseBackend(
      { ...asked, programVersion, ...(this.file === undefined ? {} : { backendMeasurements: this.file }) },
      {
        config,
        log: (level, code, message) => this.log.push({ level, code, message }),
        span: 0,
        backends: {
          statuses: () => Promise.resolve(this.statuses),
          open: ({ backend, provider }: NamedBackend) => {
            this.opened.push(`${backend}/${provider}`);
            return backend === 'wasm' ? Promise.resolve(wasm) : this.ort();
          },
        },
      },
    );
  }
}

test('a backend asked for by name that is wrong is refused by name', async () => {
  const machine = new Machine();
  machine.ort = () => Promise.resolve(spoiltBackend(ort, wrong));
  const failure = await failureOf(machine.choose({ backend: 'ort' }));
  expect(failure).toMatchObject({ code: 'backend_refused' });
  expect(failure.message).toMatch(/ort \(cpu, .*refused.*gradients of the step of the detector/);
});

test('WebAssembly, the reference, is taken without a test', async () => {
  const { backend } = await new Machine().choose({ backend: 'wasm' });
  expect(backend).toBe(wasm);
});

describe('auto', () => {
  test('takes the fastest and says by what figures, then remembers it by machine, version and shapes', async () => {
    const machine = new Machine(path.join(temporaryFolder(), 'backends.json'));
    const first = await machine.choose({ backend: 'auto' });
    expect(first.backend.name).toBe('ort');
    expect(first.why).toMatch(/measured just now: ort\/cpu \d+ ms an iteration, wasm\/cpu .*\d+ ms/);
    expect(machine.opened).toEqual(['ort/cpu', 'wasm/cpu']);
    expect(await measurementsHere(machine.file!)).toMatchObject([
      {
        machine: { programVersion: '1.2.3', ready: ['wasm/cpu', 'ort/cpu'] },
        shapes: { crop: 64, generatorMode: 'none' },
        chosen: { name: 'ort', provider: 'cpu' },
      },
    ]);

    const second = await machine.choose({ backend: 'auto' });
    expect(second.why).toMatch(/^remembered .* measured on \d{4}-\d\d-\d\d: ort\/cpu \d+ ms/);
    expect(machine.opened).toEqual(['ort/cpu']);

    await machine.choose({ backend: 'auto', programVersion: '1.2.4' });
    expect(machine.opened).toEqual(['ort/cpu', 'wasm/cpu']);
    expect(await readMeasurements(machine.file!)).toHaveLength(2);
  });

  test('goes on with the next where one is wrong or fails, and says so', async () => {
    for (const [open, code, why] of [
      [() => Promise.resolve(spoiltBackend(ort, wrong)), 'backend_refused', 'gradients'],
      [
        () => Promise.reject(new AppError('backend_unavailable', 'The driver is gone.')),
        'backend_unavailable',
        'driver',
      ],
    ] as const) {
      const machine = new Machine();
      machine.ort = open;
      const { backend, why: reason } = await machine.choose({ backend: 'auto' });
      expect(backend.name).toBe('wasm');
      expect(reason).toMatch(new RegExp(`ort/cpu \\(left out: .*${why}`));
      expect(machine.log).toMatchObject([
        { level: 'warning', code, message: expect.stringContaining(why) as string },
      ]);
    }
  });

  test('measures anew where what it remembers has become wrong', async () => {
    const machine = new Machine(path.join(temporaryFolder(), 'backends.json'));
    await machine.choose({ backend: 'auto' });
    machine.ort = () => Promise.resolve(spoiltBackend(ort, wrong));
    const { backend } = await machine.choose({ backend: 'auto' });
    expect(backend.name).toBe('wasm');
    expect(machine.log[0]).toMatchObject({
      code: 'backend_refused',
      message: expect.stringMatching(/measured anew/) as string,
    });
    expect((await readMeasurements(machine.file!))[0]!.chosen).toEqual({ name: 'wasm', provider: 'cpu' });
  });

  test('takes no graphics adapter that computes on the processor', async () => {
    const machine = new Machine();
    machine.statuses = [status('ort', 'webgpu', { software: 'SwiftShader' }), status('wasm', 'cpu')];
    const { backend, why } = await machine.choose({ backend: 'auto' });
    expect(backend.name).toBe('wasm');
    expect(why).toMatch(/ort\/webgpu \(left out: no GPU: the software adapter SwiftShader/);
    const failure = await failureOf(machine.choose({ backend: 'auto', provider: 'webgpu' }));
    expect(failure).toMatchObject({
      code: 'backend_unavailable',
      message: expect.stringMatching(/SwiftShader/),
    });
  });

  test('takes no provider that leaves its work to the processor', async () => {
    const machine = new Machine();
    machine.statuses = [status('ort', 'webgpu'), status('wasm', 'cpu')];
    machine.ort = () => Promise.resolve({ ...ort, provider: 'webgpu', dispose: () => Promise.resolve() });
    const { backend, why } = await machine.choose({ backend: 'auto' });
    expect(backend.name).toBe('wasm');
    expect(why).toMatch(
      /ort\/webgpu \(left out: it falls back to the processor .*the CPU runs \d+ of \d+ operators/,
    );

    const asked = await machine.choose({ backend: 'ort', provider: 'webgpu' });
    expect(asked.backend.provider).toBe('cpu'); // who insists gets it, under its true name
    expect(machine.log.at(-1)).toMatchObject({ level: 'warning', code: 'backend_on_processor' });
  });

  test('measures as on a new machine where the file of measurements is damaged', async () => {
    const file = path.join(temporaryFolder(), 'backends.json');
    writeFileSync(file, '[{"machine":');
    const machine = new Machine(file);
    expect((await machine.choose({ backend: 'auto' })).why).toMatch(/measured just now/);
    expect(await readMeasurements(file)).toHaveLength(1);
  });
});
