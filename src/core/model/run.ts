import { z } from 'zod';
import { baseURLProblem } from './base-url.ts';

const count = z.number().int().nonnegative();

/** Where a job runs. Never holds a token: tokens are in SecretStorage by host, or in the environment. */
export const EngineChoice = z.discriminatedUnion('engine', [
  z.object({ engine: z.literal('local') }),
  z.object({
    engine: z.literal('ray'),
    /** Of the dashboard, which answers the Jobs API: `http://127.0.0.1:8265`. */
    address: z.url({ protocol: /^https?$/ }).refine((url) => !URL.canParse(url) || !baseURLProblem(new URL(url)), {
      error:
        'leave out the name and password and what follows ? or #, since the address is stored; give the token in LONGHAND_RAY_TOKEN',
    }),
    /** A folder that all nodes see, where results go; without one they come back through the log. */
    sharedFolder: z.string().min(1).optional(),
  }),
  z.object({
    engine: z.literal('slurm'),
    /** Reached by `ssh host`; this machine when absent. */
    host: z.string().min(1).optional(),
    /** Base URL of slurmrestd, in place of the commands. */
    rest: z.url({ protocol: /^https?$/ }).optional(),
    partition: z.string().min(1).optional(),
    /** A folder that the nodes see, where jobs are put. */
    sharedFolder: z.string().min(1),
  }),
]);
export type EngineChoice = z.infer<typeof EngineChoice>;
export type EngineName = EngineChoice['engine'];

/** `lost`: the engine does not know it any more, which is not the same as failed. */
export const JobState = z.enum(['pending', 'running', 'stopped', 'succeeded', 'failed', 'lost']);
export type JobState = z.infer<typeof JobState>;

export const JobStatus = z.object({
  state: JobState,
  /** One sentence of the engine or of the job's last words. */
  message: z.string().optional(),
  exitCode: z.number().int().nullable().optional(),
  node: z.string().optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
});
export type JobStatus = z.infer<typeof JobStatus>;

/** How an engine finds a job again, in any later process. Kept before the job is submitted. */
export const JobHandle = z.object({
  engine: z.enum(['local', 'ray', 'slurm']),
  /** The engine's own id: made from run id and attempt, so that submitting twice is one job. */
  jobId: z.string().min(1),
  runId: z.string().min(1),
  attempt: z.number().int().positive(),
});
export type JobHandle = z.infer<typeof JobHandle>;

export const Resources = z.object({
  cpus: z.number().positive().default(1),
  gpus: z.number().nonnegative().default(0),
  nodes: z.number().int().positive().default(1),
  /** Bytes; 0 leaves it to the engine. */
  memory: count.default(0),
  /** Minutes; no limit when absent. */
  timeLimit: z.number().int().positive().optional(),
});
export type Resources = z.infer<typeof Resources>;

export const JobKind = z.enum(['train', 'serve', 'sample', 'evaluate']);
export type JobKind = z.infer<typeof JobKind>;

/** A line of `runs/<id>/progress.jsonl`: what a trainer says of itself. A number that it did not say is absent, never made up. */
export const ProgressLine = z.object({
  /** Seconds since 1970. */
  t: z.number().optional(),
  event: z.enum(['begin', 'log', 'save', 'eval', 'end', 'error']),
  step: count.optional(),
  /** Steps in all. */
  total: count.optional(),
  epoch: z.number().nonnegative().optional(),
  loss: z.number().optional(),
  lr: z.number().optional(),
  gradNorm: z.number().optional(),
  tokens: count.optional(),
  /** Folder of a saved checkpoint, relative to the run. */
  checkpoint: z.string().optional(),
  message: z.string().optional(),
});
export type ProgressLine = z.infer<typeof ProgressLine>;
