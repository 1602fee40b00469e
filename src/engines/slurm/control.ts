import type { Resources } from '../../core/model/index.ts';
import type { Probe } from '../engine.ts';
import type { SlurmJob } from './jobs.ts';

/** What is handed to Slurm. */
export interface Submission {
  /** Letters, digits and `-._` only; by it the job is found again. */
  name: string;
  comment: string;
  /** Text of the batch script. */
  script: string;
  /** Absolute. */
  folder: string;
  /** Absolute path of the file for stdout and stderr. */
  log: string;
  resources: Resources;
  partition: string | undefined;
}

/** How Slurm is spoken to: by its commands, or by slurmrestd. All throw EngineError. */
export interface SlurmControl {
  /** Whether `jobs` is cheap only with the number of the job: without it, it lists all jobs of the cluster. */
  readonly byNumber: boolean;
  probe(signal: AbortSignal): Promise<Probe>;
  /** @returns Slurm's number of the job. */
  submit(submission: Submission, signal: AbortSignal): Promise<number>;
  /**
   * Jobs of these names that Slurm still knows: those that ended a while ago it has forgotten.
   * @param number of the one job that is meant, where it is known.
   */
  jobs(names: readonly string[], signal: AbortSignal, number?: number): Promise<SlurmJob[]>;
  cancel(id: number, signal: AbortSignal): Promise<void>;
}

/** Whole megabytes, as Slurm counts memory; undefined leaves it to the site. */
export function megabytes(memory: number): number | undefined {
  return memory > 0 ? Math.ceil(memory / (1024 * 1024)) : undefined;
}

/** A path as Slurm's patterns of file names write it: `%j` in it would be the job's number. */
export function asPattern(path: string): string {
  return path.replaceAll('%', '%%');
}
