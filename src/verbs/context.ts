import type { Readable, Writable } from 'node:stream';
import type { VerbArgs, VerbName, VerbProgress, VerbResult } from '../protocol/verbs.ts';

/** What a verb may use of the process that runs it. */
export interface VerbContext {
  /** Aborted when the person cancels; a verb then rejects and leaves nothing half done. */
  signal: AbortSignal;
  progress: (progress: VerbProgress) => void;
  /** For a person: what happens behind the result. */
  log: (text: string) => void;
  /** Folder of the bundles, in which the grading worker stands. */
  distFolder: string;
  /** Folder of the default prompts and the sample dataset. */
  mediaFolder: string;
  env: NodeJS.ProcessEnv;
  /** Stdin, for a verb that was told to read it. Throws when it held the arguments. */
  input: () => Readable;
  /** Stdout, for a verb whose rows go there; its result is then told on stderr. */
  rows: () => Writable;
  /** The verb did its part, but what it stayed with ended badly: the result is told, and the process ends as failed with these words. */
  endsBadly: (why: string) => void;
}

export type Verb<V extends VerbName> = (args: VerbArgs<V>, context: VerbContext) => Promise<VerbResult<V>>;

/** A verb cannot do what it was asked for; `advice` says what a person can do. */
export class VerbError extends Error {
  override readonly name = 'VerbError';
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}
