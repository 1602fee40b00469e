import { join } from 'node:path';
import { z } from 'zod';
// Not from the index: a supervisor runs for days and needs no other schema.
import { JobKind, JobStatus } from '../../core/schemas/run-record.ts';

/** `job.json` of an attempt: what its supervisor runs. Every submit rewrites it before starting the supervisor. */
export const LocalJob = z.object({
  version: z.literal(1),
  jobId: z.string(),
  kind: JobKind,
  command: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()),
  metadata: z.record(z.string(), z.string()),
  /** The command may inherit the API keys. */
  keys: z.boolean().optional(),
  /** Minutes. */
  timeLimit: z.number().positive().optional(),
  graceSeconds: z.number().nonnegative(),
});
export type LocalJob = z.infer<typeof LocalJob>;

const ProcessId = z.object({ pid: z.number().int().positive(), start: z.string().min(1) });

/** `state.json` of an attempt. Only the supervisor that creates it starts the command. */
export const LocalState = JobStatus.extend({
  version: z.literal(1),
  state: z.enum(['pending', 'running', 'stopped', 'succeeded', 'failed']),
  host: z.string(),
  /** LONGHAND_JOB in the environment of the command and its children. */
  mark: z.string().regex(/^[0-9a-f]{32}$/),
  supervisor: ProcessId,
  /** The command's process. */
  process: ProcessId.optional(),
});
export type LocalState = z.infer<typeof LocalState>;

export const MARK_VARIABLE = 'LONGHAND_JOB';
/** How often a supervisor touches the state. */
export const HEARTBEAT_MS = 5_000;

export const jobFileOf = (attempt: string): string => join(attempt, 'job.json');
export const stateFileOf = (attempt: string): string => join(attempt, 'state.json');
/** Created before a job's processes are ended, so that the job is reported as stopped, not as failed. */
export const stopFileOf = (attempt: string): string => join(attempt, 'stop');

export function isOver(state: LocalState): boolean {
  return state.state !== 'pending' && state.state !== 'running';
}
