/** Which backend a run trains on: the one that was asked for, or the fastest of those that are ready; never one that computes wrongly. */
import { AppError } from '#contract/errors.ts';
import type { BackendMeasurement, BackendStatus, MeasuredBackend } from '#contract/system.ts';
import type { TrainerStart } from '#contract/trainer-messages.ts';
import { backendName, providerName } from '#contract/training-run.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';
import { backendStatuses, openBackend, type NamedBackend } from '../backends/backend-statuses.ts';
import { recall, remember, shapesOf, thisMachine } from './backend-memory.ts';
import { measureBackends } from './measure-backends.ts';
import { placed } from './placed-backend.ts';
import { referenceSteps, type StepRecord } from './reference-steps.ts';
import type { Log } from './select-photographs.ts';
import { selfTest } from './self-test.ts';

export interface ChoosingPorts {
  config: TrainingConfig;
  log: Log;
  /** Milliseconds that `auto` measures each backend for; two seconds where absent. */
  span?: number;
  /** The machine's own backends where absent. */
  backends?: {
    statuses: () => Promise<BackendStatus[]>;
    open: (named: NamedBackend) => Promise<ComputeBackend>;
  };
}
type Request = Pick<TrainerStart, 'backend' | 'provider' | 'programVersion' | 'backendMeasurements'>;
/** A backend, open, and for the run's log why it was taken. */
export interface Chosen {
  backend: ComputeBackend;
  why: string;
}

class Choosing {
  readonly #request: Request;
  readonly #config: TrainingConfig;
  readonly #log: Log;
  readonly #span: number;
  readonly #backends: NonNullable<ChoosingPorts['backends']>;
  #reference: Promise<StepRecord[]> | undefined;

  constructor(request: Request, { config, log, span = 2000, backends }: ChoosingPorts) {
    this.#request = request;
    this.#config = config;
    this.#log = log;
    this.#span = span;
    this.#backends = backends ?? { statuses: backendStatuses, open: openBackend };
  }

  #referenceSteps(): Promise<StepRecord[]> {
    return (this.#reference ??= referenceSteps(this.#config));
  }

  /** Opens a backend, tests it, and looks what really runs it. @throws AppError `backend_unavailable`, `backend_refused` */
  async open(named: NamedBackend): Promise<ComputeBackend> {
    const opened = await this.#backends.open(named);
    if (opened.name === 'wasm') return opened; // the reference itself
    try {
      const reference = await this.#referenceSteps();
      await selfTest(opened, reference);
      const { backend, onProcessor } = await placed(opened, reference);
      const what = `${opened.name} (${opened.provider}, ${opened.device})`;
      if (backend.provider !== (named.provider ?? usualProvider[named.backend]))
        this.#log('warning', 'backend_on_processor', `${what} runs on the processor, not on a GPU.`);
      else if (onProcessor !== '') this.#log('info', 'backend_placement', `${what}: ${onProcessor}.`);
      return backend;
    } catch (error) {
      await opened.dispose();
      throw error;
    }
  }

  async fastest(): Promise<Chosen> {
    const { provider, programVersion, backendMeasurements: file } = this.#request;
    const ready = (await this.#backends.statuses()).filter(
      (status) => status.ready && (provider === undefined || status.provider === provider),
    );
    const subject = { machine: thisMachine(programVersion, ready), shapes: shapesOf(this.#config) };
    const known = file === undefined ? null : await recall(file, subject.machine, subject.shapes);
    const remembered = known && (await this.#openRemembered(known));
    if (remembered) return remembered;
    const { fastest, chosen, measured, failures } = await measureBackends(ready, {
      config: this.#config,
      reference: await this.#referenceSteps(),
      span: this.#span,
      open: (status) => this.#backends.open(named(status)),
    });
    for (const { code, message } of failures) this.#log('warning', code, message);
    if (!fastest || !chosen)
      throw new AppError(
        'backend_unavailable',
        `No backend can train this run: ${figures(measured) || 'none is ready'}.`,
      );
    if (file !== undefined)
      await this.#remember(file, { ...subject, at: Date.now(), backends: measured, chosen });
    return { backend: fastest, why: `the fastest on this machine, measured just now: ${figures(measured)}` };
  }

  /** Null where it can no longer be used, which is said. */
  async #openRemembered({ chosen, backends, at }: BackendMeasurement): Promise<Chosen | null> {
    const day = new Date(at).toISOString().slice(0, 10);
    try {
      const backend = await this.open(named(chosen));
      return {
        backend,
        why: `remembered as the fastest on this machine, measured on ${day}: ${figures(backends)}`,
      };
    } catch (error) {
      const { code, message } = AppError.from(error);
      this.#log('warning', code, `${message} It was the fastest on ${day}; all backends are measured anew.`);
      return null;
    }
  }

  async #remember(file: string, measurement: BackendMeasurement): Promise<void> {
    try {
      await remember(file, measurement);
    } catch (error) {
      const { code, message } = AppError.from(error);
      this.#log('warning', code, `The measurement of the backends could not be kept: ${message}`);
    }
  }
}

const usualProvider = { ort: 'cpu', cuda: 'cuda', wasm: 'cpu' } as const;
const named = ({ name, provider }: Pick<BackendStatus, 'name' | 'provider'>): NamedBackend => ({
  backend: backendName.exclude(['auto']).parse(name),
  provider: providerName.parse(provider),
});

/** The figures of a measurement as one clause. */
export const figures = (measured: readonly MeasuredBackend[]): string =>
  measured
    .map(({ name, provider, milliseconds, problem }) => {
      const time =
        milliseconds === null
          ? ''
          : ` ${problem === '' ? '' : 'about '}${Math.round(milliseconds)} ms an iteration`;
      return `${name}/${provider}${time}${problem === '' ? '' : ` (${problem})`}`;
    })
    .join(', ');

/**
 * Every backend but WebAssembly passes a self-test before a run is trained on it. For `auto`, each that is ready is measured
 * on this run's own iteration, unless this machine is remembered; what is refused or fails is left out.
 * @throws AppError `backend_unavailable` where what was asked for is not ready, `backend_refused` where it computes wrongly
 */
export async function chooseBackend(request: Request, ports: ChoosingPorts): Promise<Chosen> {
  const choosing = new Choosing(request, ports);
  if (request.backend === 'auto') return choosing.fastest();
  const { backend, provider } = request;
  return { backend: await choosing.open({ backend, provider }), why: 'as asked for' };
}
