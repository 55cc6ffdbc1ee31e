/** What a judging process may use before it is ended. */
import os from 'node:os';

export interface JudgeLimits {
  /** Bytes of resident memory, the model included. */
  memory: number;
  /** Time for the process to start and to open its model. */
  openMs: number;
  /** Time in which a picture must come on: be decoded, have another batch of tiles judged, have its maps encoded. */
  stallMs: number;
}

/**
 * A picture of 300 megapixels takes about 2 GB: its pixels once, the decoder's own, and the maps. No more than three quarters
 * of the machine's memory, so that the process is ended before the system begins to end others.
 */
export const defaultJudgeLimits = (): JudgeLimits => ({
  memory: Math.min(4 * 2 ** 30, 0.75 * os.totalmem()),
  openMs: 120_000,
  stallMs: 120_000,
});
