import type { z } from 'zod';

/** The declaration of a verb. */
export interface VerbDeclaration<A extends z.ZodType, R extends z.ZodType, L extends () => Promise<unknown>> {
  /** One line of the help, without a full stop. */
  readonly summary: string;
  /** An object whose fields are described: flags, help, type checks and error messages derive from them (see flags.ts). */
  readonly args: A;
  readonly result: R;
  /**
   * Completes what the flags alone can't express, before `args` checks it. @param given the arguments so far. @param verb its name, for errors.
   * @throws UsageError
   */
  readonly read?: (given: Record<string, unknown>, verb: string) => void;
  /** The module that exports `run` and `print` (see VerbBody): loaded when the verb runs. */
  readonly load: L;
}

/** Declares a verb. Its arguments and its result are typed by the two schemas. */
export function defineVerb<A extends z.ZodType, R extends z.ZodType, L extends () => Promise<unknown>>(
  declaration: VerbDeclaration<A, R, L>,
): VerbDeclaration<A, R, L> {
  return declaration;
}
