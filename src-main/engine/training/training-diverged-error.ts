/** Raised with a number that is not finite: a loss, a gradient, a weight, or what a network made or said. */
export class TrainingDivergedError extends Error {
  /** @param what the thing, as in "the detector's weights" @param step detector steps when it was found */
  constructor(what: string, step: number) {
    super(`${what} held a number that is not finite at detector step ${step}`);
    this.name = 'TrainingDivergedError';
  }
}
