/** A failure with advice for the user. `kind` is for programs; `message` describes the failure; `advice` may be empty. */
export class UserError<Kind extends string = string> extends Error {
  override readonly name = 'UserError';
  readonly kind: Kind;
  readonly advice: string;

  constructor(kind: Kind, message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.advice = advice;
  }
}

/** The advice of an error; undefined without one. */
export function adviceOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('advice' in error)) return undefined;
  return typeof error.advice === 'string' && error.advice !== '' ? error.advice : undefined;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The message of an error with its advice. */
export function messageWithAdvice(error: unknown): string {
  return `${messageOf(error)} ${adviceOf(error) ?? ''}`.trim();
}

/** Advice where a dataset has no model. */
export const CHOOSE_MODEL = 'Choose one with “Longhand: Manage Models…”, or “longhand model DATASET” in a terminal.';
