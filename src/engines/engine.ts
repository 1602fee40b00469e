import { UserError } from '../core/errors.ts';
import type { JobHandle, JobKind, JobStatus, Resources } from '../core/schemas/index.ts';

/** Where an engine is used. */
export interface EngineContext {
  /** Folder of the dataset that owns the runs. */
  dataset: string;
  /** Folder of `cli.mjs`. */
  distFolder: string;
  /** Local jobs inherit it without Longhand's own keys; cluster tokens are read from it. */
  env: NodeJS.ProcessEnv;
  /** Seconds between asking a job to end and killing it; 10 when absent. */
  graceSeconds?: number;
}

/** A file that a job needs, by its path in the job's working folder: a text, or a copy of a file on this machine. */
export type JobFile = { path: string } & ({ content: string } | { source: string });

/** Everything an engine needs to run a job. Only these files are sent, never the workspace. */
export interface JobSpec {
  runId: string;
  /** From 1; a resume is the next attempt. */
  attempt: number;
  kind: JobKind;
  /** Program and arguments, without a shell; relative paths are in the working folder. */
  command: readonly string[];
  files: readonly JobFile[];
  /** Added to the environment. No secrets: engines show and store it. */
  env: Readonly<Record<string, string>>;
  resources: Resources;
  /** The command is Longhand's own and may inherit the API keys in the environment. Local jobs only. */
  keys?: boolean;
  /** `list` searches it. */
  metadata: Readonly<Record<string, string>>;
}

export interface Probe {
  /** Why the engine can't be used, and what to do; undefined when it can. */
  problem?: string;
  version?: string;
  resources?: Partial<Resources>;
  /** Shown before anything is sent, for example that the address needs no token. */
  warning?: string;
}

/** A part of a log: text from `offset`, and where the next part begins. Offsets are bytes of UTF-8. */
export interface LogPart {
  text: string;
  offset: number;
}

/** Where jobs run. Any process may call these methods, not only the one that submitted the job. */
export interface Engine {
  readonly name: JobHandle['engine'];
  /** Whether jobs can be sent now. An absent engine is reported as `problem`, not thrown. */
  probe(signal: AbortSignal): Promise<Probe>;
  /** The handle that `submit` returns for this job; stored on disk before submitting. */
  handle(spec: Pick<JobSpec, 'runId' | 'attempt'>): JobHandle;
  /** Starts the job. Submitting the same run and attempt again starts nothing. @throws EngineError */
  submit(spec: JobSpec, signal: AbortSignal): Promise<JobHandle>;
  /** An unknown job is `lost`. @throws EngineError `unreachable` */
  status(handle: JobHandle, signal: AbortSignal): Promise<JobStatus>;
  /** The log from `offset`, part by part, until the job has ended or `signal` fires. Broken connections are reopened. */
  tail(handle: JobHandle, offset: number, signal: AbortSignal): AsyncIterable<LogPart>;
  /** Stops the job and the processes it started; resolves when they have ended. Does nothing for a job that has ended. */
  stop(handle: JobHandle, signal: AbortSignal): Promise<void>;
  /** Jobs whose metadata has this value under this key. */
  list(key: string, value: string, signal: AbortSignal): Promise<JobHandle[]>;
}

/** `unreachable`: no answer; `refused`: the engine rejects the job; `denied`: no access; `unusable`: a program or folder is missing. */
export type EngineErrorKind = 'unreachable' | 'refused' | 'denied' | 'unusable';

export class EngineError extends UserError<EngineErrorKind> {}

/** The engine's name for a job, made from run and attempt so that submitting twice is one job. */
export function jobIdOf(runId: string, attempt: number): string {
  return `longhand-${runId}-${attempt}`;
}
