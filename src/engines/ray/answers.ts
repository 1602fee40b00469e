import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import type { JobStatus } from '../../core/schemas/index.ts';
import { pluralAmount } from '../../core/text/format.ts';

// The parts of the Jobs API's responses that are used.

export const Version = z.object({ ray_version: z.string().max(100), version: z.string().max(100).optional() });

const Text = z.string().nullish().catch(undefined);
const Moment = z.number().int().min(0).max(8.64e15).nullish().catch(undefined);

export const Job = z.object({
  submission_id: z.string().nullish(),
  status: z.enum(['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED']),
  message: Text,
  error_type: Text,
  start_time: Moment,
  end_time: Moment,
  metadata: z.record(z.string(), z.string()).nullish().catch(undefined),
  driver_info: z.object({ node_ip_address: Text }).nullish().catch(undefined),
  entrypoint: Text,
  driver_exit_code: z.number().int().nullish().catch(undefined),
});
export type Job = z.infer<typeof Job>;

/** Newer versions return an array, older ones an object by id. Unexpected entries are not our jobs. */
export const Jobs = z
  .union([z.array(z.unknown()), z.record(z.string(), z.unknown()).transform((byId) => Object.values(byId))])
  .transform((all) => all.flatMap((one) => Job.safeParse(one).data ?? []));

export const Submitted = z.object({ submission_id: z.string().nullish(), job_id: z.string().nullish() });
export const Stopped = z.object({ stopped: z.boolean() });
export const Logs = z.object({ logs: z.string() });

const Amount = z.tuple([z.number(), z.number().nonnegative()]);
export const ClusterStatus = z.object({
  data: z.object({
    clusterStatus: z.object({
      loadMetricsReport: z.object({ usage: z.object({ CPU: Amount.optional(), GPU: Amount.optional() }) }),
    }),
  }),
});

const STATES = {
  PENDING: 'pending',
  RUNNING: 'running',
  STOPPED: 'stopped',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
} as const;
const MESSAGE_LENGTH = 500;

export function statusOf(job: Job): JobStatus {
  const message = overLimit(job) ?? firstLine(job.message ?? '');
  const node = job.driver_info?.node_ip_address;
  return {
    state: STATES[job.status],
    ...defined({
      message: message || undefined,
      exitCode: job.driver_exit_code ?? undefined,
      node: node || undefined,
      startedAt: job.start_time ? new Date(job.start_time).toISOString() : undefined,
      endedAt: job.end_time ? new Date(job.end_time).toISOString() : undefined,
    }),
  };
}

/** `timeout` (entrypointOf in submit.ts) ends a job with 124, or with 137 when it must kill it. */
function overLimit({ status, entrypoint, driver_exit_code: code, start_time: start, end_time: end }: Job) {
  const [, limit] = /^exec timeout --kill-after=\d+s (\d+(?:\.\d+)?)m /.exec(entrypoint ?? '') ?? [];
  if (status !== 'FAILED' || limit === undefined || (code !== 124 && code !== 137)) return undefined;
  // A command may return these codes itself, or be killed for its memory.
  if (!start || !end || end - start < Number(limit) * 60_000) return undefined;
  return `The time limit of ${pluralAmount(Number(limit), 'minute')} was exceeded.`;
}

/** Ray appends the end of the log to its message. */
function firstLine(text: string): string {
  const [line = ''] = text.trim().split(/\r?\n/, 1);
  const plain = line.replace(/\p{Cc}+/gu, ' ').replace(/, last available logs \(.*$/, '.');
  return plain.length > MESSAGE_LENGTH ? `${plain.slice(0, MESSAGE_LENGTH)}…` : plain;
}
