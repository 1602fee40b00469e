import type { Resources } from '../../core/schemas/index.ts';
import type { Probe } from '../engine.ts';
import type { SlurmJob } from './jobs.ts';

/** A job for Slurm. */
export interface Submission {
  /** Letters, digits and `-._` only; the job is found by it. */
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

/** Access to Slurm by its commands or by slurmrestd. All methods throw EngineError. */
export interface SlurmControl {
  /** Whether `jobs` lists all jobs of the cluster when the number is unknown. */
  readonly byNumber: boolean;
  probe(signal: AbortSignal): Promise<Probe>;
  /** @returns Slurm's number of the job. */
  submit(submission: Submission, signal: AbortSignal): Promise<number>;
  /**
   * Jobs of these names that Slurm still knows; it forgets ended ones after a while.
   * @param number of the job, if known.
   */
  jobs(names: readonly string[], signal: AbortSignal, number?: number): Promise<SlurmJob[]>;
  cancel(id: number, signal: AbortSignal): Promise<void>;
}

/** Memory in whole megabytes, as Slurm counts it; undefined for the default of the site. */
export function megabytes(memory: number): number | undefined {
  return memory > 0 ? Math.ceil(memory / (1024 * 1024)) : undefined;
}

/** Escapes a path for Slurm's file name patterns, where `%j` is the job's number. */
export function asPattern(path: string): string {
  return path.replaceAll('%', '%%');
}
