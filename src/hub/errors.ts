export type HubProblem =
  | 'bad-name'
  | 'bad-endpoint'
  | 'unreachable'
  | 'not-found'
  | 'gated'
  | 'rate-limited'
  | 'too-large'
  | 'untrusted'
  | 'damaged';

/** A problem set of the Hugging Face hub can't be had; `advice` says what a person can do. */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly problem: HubProblem;
  readonly advice: string;

  constructor(problem: HubProblem, message: string, advice: string) {
    super(message);
    this.problem = problem;
    this.advice = advice;
  }
}

/** What always helps: the file by hand. */
export const BY_HAND = 'download the file with a browser and name it in place of the set';
