import { z } from 'zod';
import { defined } from '../defined.ts';
import { ProgressLine } from '../schemas/index.ts';

/** The status of a hosted job with all progress so far. */
export interface HostedReport {
  state: 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** The host's own message. */
  message?: string;
  lines: ProgressLine[];
  /** Name of the trained model. */
  model?: string;
}

const maybe = z.number().optional().catch(undefined);
const text = z.string().optional().catch(undefined);

export const TogetherJob = z.object({ id: z.string().min(1), status: z.string(), model_output_name: text });
export const TogetherEvents = z.object({
  data: z
    .array(
      z.object({
        type: z.string(),
        created_at: text,
        message: text,
        step: maybe,
        total_steps: maybe,
        checkpoint_path: text,
      }),
    )
    .catch([]),
});
export const TogetherMetrics = z.object({ metrics: z.array(z.record(z.string(), z.unknown())).nullish().catch([]) });

const TOGETHER_STATES: Readonly<Record<string, HostedReport['state']>> = {
  pending: 'waiting',
  queued: 'waiting',
  completed: 'succeeded',
  error: 'failed',
  user_error: 'failed',
  cancelled: 'cancelled',
};

/** Together reports losses in its metrics, and checkpoints and the number of steps in its events. */
export function togetherReport(
  { status, model_output_name: model }: z.infer<typeof TogetherJob>,
  { data }: z.infer<typeof TogetherEvents>,
  { metrics }: z.infer<typeof TogetherMetrics>,
): HostedReport {
  const total = data.findLast(({ total_steps }) => total_steps !== undefined && total_steps > 0)?.total_steps;
  const lines = [
    ...(metrics ?? []).flatMap((row) =>
      progress({
        event: 'log',
        step: number(row['train/global_step']),
        total,
        loss: number(row['train/loss']),
        lr: number(row['train/learning_rate']),
        gradNorm: number(row['train/grad_norm']),
        epoch: number(row['train/epoch']),
      }),
    ),
    ...data.flatMap(({ type, created_at, step, checkpoint_path }) =>
      type === 'checkpoint_save'
        ? progress({ event: 'save', t: seconds(created_at), step, total, checkpoint: checkpoint_path })
        : [],
    ),
  ];
  return reportOf(TOGETHER_STATES[status] ?? 'running', lines, data.at(-1)?.message ?? status, model);
}

export const OpenAIJob = z.object({
  id: z.string().min(1),
  status: z.string(),
  fine_tuned_model: z.string().nullish(),
  error: z.object({ message: text }).nullish().catch(undefined),
});
export const OpenAIEvents = z.object({
  data: z
    .array(
      z.object({
        id: z.string(),
        created_at: maybe,
        message: text,
        type: text,
        data: z.record(z.string(), z.unknown()).nullish().catch(undefined),
      }),
    )
    .catch([]),
  has_more: z.boolean().optional().catch(undefined),
});
export const OpenAICheckpoints = z.object({
  data: z.array(z.object({ step_number: maybe, created_at: maybe, fine_tuned_model_checkpoint: text })).catch([]),
});

const OPENAI_STATES: Readonly<Record<string, HostedReport['state']>> = {
  validating_files: 'waiting',
  queued: 'waiting',
  paused: 'waiting',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** @param events In any order. */
export function openaiReport(
  { status, fine_tuned_model, error }: z.infer<typeof OpenAIJob>,
  events: z.infer<typeof OpenAIEvents>['data'],
  { data: checkpoints }: z.infer<typeof OpenAICheckpoints>,
): HostedReport {
  const inOrder = [...events].sort((a, b) => (a.created_at ?? 0) - (b.created_at ?? 0));
  const lines = [
    ...inOrder.flatMap(({ type, created_at: t, data }) =>
      type === 'metrics' && data
        ? progress({
            event: 'log',
            t,
            step: number(data.step),
            total: number(data.total_steps),
            loss: number(data.train_loss),
          })
        : [],
    ),
    ...checkpoints.flatMap(({ step_number: step, created_at: t, fine_tuned_model_checkpoint: checkpoint }) =>
      progress({ event: 'save', t, step, checkpoint }),
    ),
  ];
  const message = error?.message ?? inOrder.at(-1)?.message ?? status;
  return reportOf(OPENAI_STATES[status] ?? 'running', lines, message, fine_tuned_model ?? undefined);
}

export const FireworksJob = z.object({
  name: z.string().min(1),
  state: z.string().optional().catch(undefined),
  status: z.object({ code: text, message: text }).nullish().catch(undefined),
  outputModel: text,
  jobProgress: z.object({ percent: maybe, epoch: maybe }).nullish().catch(undefined),
});

const FIREWORKS_STATES: Readonly<Record<string, HostedReport['state']>> = {
  JOB_STATE_CREATING: 'waiting',
  JOB_STATE_PENDING: 'waiting',
  JOB_STATE_VALIDATING: 'waiting',
  JOB_STATE_PAUSED: 'waiting',
  JOB_STATE_COMPLETED: 'succeeded',
  JOB_STATE_EARLY_STOPPED: 'succeeded',
  JOB_STATE_FAILED: 'failed',
  JOB_STATE_EXPIRED: 'failed',
  JOB_STATE_CANCELLED: 'cancelled',
};

/** Fireworks reports a percentage and an epoch, but no steps or losses. */
export function fireworksReport({
  state,
  status,
  outputModel,
  jobProgress,
}: z.infer<typeof FireworksJob>): HostedReport {
  const percent = jobProgress?.percent;
  const parts = [state?.replace('JOB_STATE_', '').toLowerCase(), percent === undefined ? undefined : `${percent} %`];
  const message = status?.message || parts.filter((part) => part !== undefined).join(', ');
  return reportOf(FIREWORKS_STATES[state ?? ''] ?? 'running', [], message, outputModel);
}

function reportOf(
  state: HostedReport['state'],
  lines: ProgressLine[],
  message: string | undefined,
  model: string | undefined,
): HostedReport {
  return {
    state,
    lines: lines.sort((a, b) => (a.step ?? 0) - (b.step ?? 0)),
    ...defined({ message, model: state === 'succeeded' ? model || undefined : undefined }),
  };
}

/** A line without a step, or a log without a loss, is skipped. */
function progress(line: Record<string, unknown>): ProgressLine[] {
  if (line.step === undefined || (line.event === 'log' && line.loss === undefined)) return [];
  const { data } = ProgressLine.safeParse(defined(line));
  return data ? [data] : [];
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function seconds(time: string | undefined): number | undefined {
  const at = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(at) ? undefined : at / 1000;
}
