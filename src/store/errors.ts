export type StoreProblem =
  | 'not-a-dataset'
  | 'already-a-dataset'
  | 'bad-settings'
  | 'newer-version'
  | 'no-prompts'
  | 'unknown-problem'
  | 'unknown-chain'
  | 'unknown-round'
  | 'unknown-calibration'
  | 'unknown-evaluation'
  | 'unknown-run'
  | 'round-exists'
  | 'bad-plan'
  | 'locked'
  | 'bad-name'
  | 'symbolic-link'
  | 'changed-below';

/** The dataset folder is not as it must be for this step; `advice` says what a person can do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly problem: StoreProblem;
  readonly advice: string;

  constructor(problem: StoreProblem, message: string, advice: string) {
    super(message);
    this.problem = problem;
    this.advice = advice;
  }
}
