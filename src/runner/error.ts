/** A round that cannot be planned or run, with what to do about it. */
export class RoundError extends Error {
  override readonly name = 'RoundError';
  readonly advice: string;
  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}
