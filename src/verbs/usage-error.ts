/** The command line was not written as it must be; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly advice: string;

  constructor(message: string, verb?: string) {
    super(message);
    this.advice = verb === undefined ? '“longhand --help” lists the verbs.' : `See “longhand ${verb} --help”.`;
  }
}
