import type { JobHandle, JobKind, JobStatus, Resources } from '../core/model/index.ts';

/** A file that a job needs, by its path in the job's working folder: a text, or a file of this machine that is copied. */
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
  /** Added to the environment; no secrets, since engines show and keep it. */
  env: Readonly<Record<string, string>>;
  resources: Resources;
  /** The command is Longhand's own, and may have the keys of models that stand in the environment; on this machine only. */
  keys?: boolean;
  /** By which `list` finds it again; text only. */
  metadata: Readonly<Record<string, string>>;
}

export interface Probe {
  /** Undefined when it can be used; else what is wrong and what to do. */
  problem?: string;
  version?: string;
  resources?: Partial<Resources>;
  /** To be shown before anything is sent, such as an address that anybody can reach without a token. */
  warning?: string;
}

/** A part of a log: text from `offset`, and where the next part begins. Offsets are bytes of UTF-8. */
export interface LogPart {
  text: string;
  offset: number;
}

/** Where jobs run. Every method may be called by another process than the one that submitted. */
export interface Engine {
  readonly name: JobHandle['engine'];
  /** Whether jobs can be sent there now. Never throws for what is merely absent. */
  probe(signal: AbortSignal): Promise<Probe>;
  /** The handle that `submit` will give this job: kept on disk before submitting. */
  handle(spec: Pick<JobSpec, 'runId' | 'attempt'>): JobHandle;
  /** Starts the job; the same run and attempt a second time is the same job. @throws EngineError */
  submit(spec: JobSpec, signal: AbortSignal): Promise<JobHandle>;
  /** @throws EngineError `unreachable`; a job that nobody knows is `lost`. */
  status(handle: JobHandle, signal: AbortSignal): Promise<JobStatus>;
  /** The log from `offset` on, part by part, until the job has ended or `signal` fires. Connections that break are made again. */
  tail(handle: JobHandle, offset: number, signal: AbortSignal): AsyncIterable<LogPart>;
  /** Stops the job and all that it started; resolves when it is over. Stopping what has ended does nothing. */
  stop(handle: JobHandle, signal: AbortSignal): Promise<void>;
  /** Jobs with this value under this key of their metadata. */
  list(key: string, value: string, signal: AbortSignal): Promise<JobHandle[]>;
}

/** `unreachable`: no answer; `refused`: it does not take the job; `denied`: no access; `unusable`: a program or folder is missing. */
export type EngineErrorKind = 'unreachable' | 'refused' | 'denied' | 'unusable';

export class EngineError extends Error {
  readonly kind: EngineErrorKind;
  /** What the user can do. */
  readonly advice: string;

  constructor(kind: EngineErrorKind, message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.kind = kind;
    this.advice = advice;
  }
}
