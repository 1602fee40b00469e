export type StoreProblem =
  | 'not-a-dataset'
  | 'already-a-dataset'
  | 'bad-settings'
  | 'newer-version'
  | 'unknown-problem'
  | 'unknown-chain'
  | 'unknown-round'
  | 'round-exists'
  | 'bad-plan'
  | 'locked'
  | 'bad-name'
  | 'changed-below';

/** The dataset folder is not as it must be for this step. The message says which file, and what a person can do. */
export class StoreError extends Error {
  readonly problem: StoreProblem;

  constructor(problem: StoreProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.problem = problem;
  }
}
