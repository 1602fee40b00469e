export type TrainerProblem =
  | 'unknown-trainer'
  | 'no-export'
  | 'bad-rows'
  | 'no-model'
  | 'no-program'
  | 'bad-config'
  | 'not-ready'
  | 'no-checkpoint'
  | 'environment';

/** A training can't be planned, started or gone on with; `advice` says what a person can do. */
export class TrainerError extends Error {
  override readonly name = 'TrainerError';
  readonly problem: TrainerProblem;
  readonly advice: string;

  constructor(problem: TrainerProblem, message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
    this.advice = advice;
  }
}
