import { constants } from 'node:os';
import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import type { JobState, JobStatus } from '../../core/schemas/index.ts';

/** A number that may be unset; older releases write it bare. */
const Count = z.union([
  z.number(),
  z.object({ set: z.boolean(), number: z.number() }).transform(({ set, number }) => (set ? number : undefined)),
]);

/** A job as `squeue --json` and slurmrestd of Slurm 21.08 or later report it. */
export const SlurmJob = z.object({
  job_id: z.number().int().positive(),
  name: z.string(),
  job_state: z.union([z.array(z.string()), z.string().transform((state) => [state])]),
  state_reason: z.string().optional(),
  nodes: z.string().optional(),
  start_time: Count.optional(),
  end_time: Count.optional(),
  exit_code: z
    .object({
      return_code: Count.optional(),
      signal: z.object({ id: Count.optional(), name: z.string().optional() }).optional(),
    })
    .optional()
    // Older releases report a wait status as a number.
    .or(z.number().transform((status) => ({ return_code: status >> 8, signal: undefined }))),
});
export type SlurmJob = z.infer<typeof SlurmJob>;

export const SlurmJobs = z.object({ jobs: z.array(SlurmJob) });

/** Columns of `sacct -P`. No times: it prints seconds since 1970 only with SLURM_TIME_FORMAT. */
export const ACCOUNT_FIELDS = 'JobIDRaw,JobName,State,ExitCode,NodeList';

/** A line is `12|name|CANCELLED by 0|0:15|n1`; exit code and signal. */
export function accountsOf(lines: string): SlurmJob[] {
  return lines.split('\n').flatMap((line) => {
    const [id = '', name = '', state = '', exit = '', nodes = ''] = line.split('|');
    const [code, signal] = exit.split(':').map(Number);
    if (!/^\d+$/.test(id) || state === '') return [];
    const exit_code = { return_code: code, signal: { id: signal } };
    return [{ job_id: Number(id), name, job_state: state.split(' ').slice(0, 1), nodes, exit_code }];
  });
}

/** Messages for failures. */
const FAILURES: Record<string, string> = {
  FAILED: 'It failed',
  TIMEOUT: 'Time limit exceeded',
  OUT_OF_MEMORY: 'It used more memory than requested',
  NODE_FAIL: 'Its node failed',
  BOOT_FAIL: 'Its node did not boot',
  DEADLINE: 'Deadline exceeded',
  PREEMPTED: 'It was preempted by another job',
  LAUNCH_FAILED: 'It could not be launched',
  RECONFIG_FAIL: 'Its node could not be set up',
  REVOKED: 'It was moved to another cluster',
};
const WAITING = new Set([
  'PENDING',
  'CONFIGURING',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'SPECIAL_EXIT',
  'RESV_DEL_HOLD',
]);

function stateOf({ job_state: states }: SlurmJob): Exclude<JobState, 'lost'> {
  // The job has ended only when Slurm has ended its last process.
  if (states.includes('COMPLETING') || states.includes('STAGE_OUT')) return 'running';
  if (states.some((state) => WAITING.has(state))) return 'pending';
  if (states.includes('COMPLETED')) return 'succeeded';
  if (states.includes('CANCELLED')) return 'stopped';
  return states.some((state) => Object.hasOwn(FAILURES, state)) ? 'failed' : 'running';
}

export function isOver(job: SlurmJob): boolean {
  const state = stateOf(job);
  return state !== 'running' && state !== 'pending';
}

export function statusOf(job: SlurmJob): JobStatus {
  const state = stateOf(job);
  const message = messageOf(job, state);
  const exitCode = job.exit_code?.return_code;
  const over = isOver(job);
  const signal = over && hasSignal(job) ? signalName(job.exit_code?.signal ?? {}) : undefined;
  return {
    state,
    ...defined({
      message,
      exitCode: over && exitCode !== undefined && hasSignal(job) ? null : over ? exitCode : undefined,
      signal,
      node: job.nodes || undefined,
      startedAt: state !== 'pending' && job.start_time ? iso(job.start_time) : undefined,
      // While the job runs, end_time is when its time limit ends.
      endedAt: over && job.end_time ? iso(job.end_time) : undefined,
    }),
  };
}

function messageOf(job: SlurmJob, state: JobState): string | undefined {
  const reason = job.state_reason && job.state_reason !== 'None' ? job.state_reason : undefined;
  if (state === 'pending') return reason && `Waiting: ${reason}.`;
  if (state !== 'failed') return undefined;
  const word = job.job_state.find((one) => Object.hasOwn(FAILURES, one)) ?? 'FAILED';
  if (word !== 'FAILED') return `${FAILURES[word]}.`;
  if (hasSignal(job)) return endedBy(job.exit_code?.signal ?? {});
  const code = job.exit_code?.return_code;
  if (code) return `It ended with code ${code}.`;
  return `${FAILURES.FAILED}${reason ? `: ${reason}` : ''}.`;
}

interface Signal {
  id?: number | undefined;
  name?: string | undefined;
}

/** Slurm names a signal `KILL`; accounting and shells give its number. Undefined for a number without a name. */
export function signalName({ id, name }: Signal): string | undefined {
  if (name) return `SIG${name.replace(/^SIG/, '')}`;
  return Object.entries(constants.signals).find(([, number]) => number === id)?.[0];
}

/** A sentence. */
export function endedBy(signal: Signal): string {
  return `It was ended by ${signalName(signal) ?? `signal ${signal.id}`}.`;
}

function hasSignal({ exit_code }: SlurmJob): boolean {
  return Boolean(exit_code?.signal?.id || exit_code?.signal?.name);
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
