import type { Readable, Writable } from 'node:stream';
import { UserError } from '../core/errors.ts';
import type { VerbProgress } from '../protocol/progress.ts';

/** What a verb may use of the process that runs it. */
export interface VerbContext {
  /** Aborted when the user cancels; the verb then rejects and leaves nothing incomplete. */
  signal: AbortSignal;
  /** Aborted when the user cancels again, to end calls in flight immediately. */
  stopNow?: AbortSignal | undefined;
  progress: (progress: VerbProgress) => void;
  /** For a person: what happens beside the result. */
  log: (text: string) => void;
  /** Folder of the bundles, which holds the grading worker. */
  distFolder: string;
  /** Folder of the default prompts and the sample dataset. */
  mediaFolder: string;
  env: NodeJS.ProcessEnv;
  /** Stdin, for a verb that reads it. @throws UsageError when it held the arguments. */
  input: () => Readable;
  /** Stdout, for a verb whose rows go there; its result is then printed on stderr. */
  rows: () => Writable;
  /**
   * The verb succeeded, but its process must end with another exit code than 0: the result is printed, and then `why`.
   * @param code EXIT.failed when absent.
   */
  endsBadly: (why: string, code?: number) => void;
}

/** Exit codes of the command line. `damaged`: with `--strict`, a line of the dataset can't be read. `found`: an examination found faults. */
export const EXIT = { done: 0, failed: 1, usage: 2, damaged: 3, found: 4, cancelled: 130 } as const;

/** A verb failed. */
export class VerbError extends UserError {
  readonly exitCode: number;

  constructor(message: string, advice: string, exitCode: number = EXIT.failed) {
    super('verb', message, advice);
    this.exitCode = exitCode;
  }
}

/** A wrong command line; the message describes what is wrong. */
export class UsageError extends UserError {
  constructor(message: string, verb?: string) {
    super(
      'usage',
      message,
      verb === undefined ? '“longhand --help” lists the verbs.' : `See “longhand ${verb} --help”.`,
    );
  }
}
