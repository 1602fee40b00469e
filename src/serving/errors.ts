/** A model can't be served as it was asked for; `advice` says what a person can do. */
export class ServingError extends Error {
  override readonly name = 'ServingError';
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}
