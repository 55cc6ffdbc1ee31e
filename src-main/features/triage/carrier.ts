/**
 * Who judges the pictures of a run. The run holds what waits and what was found; a carrier takes one picture after another
 * and answers with what was measured: in a process of this machine, or, over a broker, on others (redis/redis-carrier.ts).
 */
import type { ModelPassport } from '#contract/model.ts';
import type { StabilityWhen } from '#contract/stability.ts';
import type { MeasuredPicture } from '#contract/triage-queue.ts';
import type { JudgeHost } from '#compute/judging/judge-host.ts';
import { measurePicture } from './measure-picture.ts';

export interface TriageCarrier {
  readonly passport: ModelPassport;
  /** Pictures that may be under way at once. */
  readonly ahead: number;
  /**
   * Errors of a picture fail that picture; those that `endsRun` lists end the run, and leave it waiting.
   * @param item its id in the run and its absolute path
   */
  measure(item: { id: string; path: string }, signal: AbortSignal): Promise<MeasuredPicture>;
  /** Told when what was found of an item is kept for good. */
  settled(id: string): Promise<void>;
  close(): Promise<void>;
}

/** What a carrier is opened for. */
export interface CarrierRequest {
  /** Id of the run. */
  run: string;
  model: { path: string; name: string; sha256: string };
  stability: StabilityWhen;
  judging: JudgeHost;
}
/** Errors: those of `JudgeHost.open`, and of what carries it. */
export type OpenCarrier = (request: CarrierRequest) => Promise<TriageCarrier>;

/** One picture is judged while the next is decoded. */
export const openLocalCarrier: OpenCarrier = async ({ model, stability, judging }) => {
  const judge = await judging.open(model);
  return {
    passport: judge.passport,
    ahead: 2,
    measure: ({ path }, signal) => measurePicture(judge, path, { signal, stability }),
    settled: async () => undefined,
    close: () => judge.close(),
  };
};
