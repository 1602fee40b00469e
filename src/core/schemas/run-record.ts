import { z } from 'zod';
import { baseURLProblem } from '../models/base-url.ts';
import { JobFailure, Objective, TrainingSettings } from './training.ts';

/** Servers with a template; see src/serving/servers.ts. */
export const ServerId = z.enum(['starter', 'transformers', 'vllm', 'sglang', 'llama.cpp', 'ollama']);
export type ServerId = z.infer<typeof ServerId>;

/** Form of a model: a folder of safetensors, a folder with a LoRA adapter, a GGUF file, or a name on the Hugging Face hub. */
export const ModelForm = z.enum(['folder', 'adapter', 'gguf', 'name']);
export type ModelForm = z.infer<typeof ModelForm>;

/** Number formats of a GGUF file made from a checkpoint. `q8_0` uses `f16` for rows that are not a multiple of 32. */
export const GgufType = z.enum(['q8_0', 'f16', 'bf16', 'f32']);
export type GgufType = z.infer<typeof GgufType>;

const count = z.number().int().nonnegative();

/** Nothing that ssh takes for an option or a shell for more than a word. */
const SSH_HOST = /^(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9_[][\w.:[\]-]*$/;

/** Absolute; a backslash would switch off the patterns of Slurm's file names, and be lost itself. */
const SHARED_FOLDER = /^\/[^\\\p{Cc}]*$/u;

/** An address without anything secret. @param token the variable of the environment that holds its token. */
const storedURL = (token: string) =>
  z.url({ protocol: /^https?$/ }).refine((url) => !URL.canParse(url) || !baseURLProblem(new URL(url)), {
    error: `the address is stored, so leave out name, password and everything after ? or #; give the token in ${token}`,
  });

/** Where a job runs. Never holds a token: tokens are in SecretStorage by host, or in the environment. */
export const EngineChoice = z.discriminatedUnion('engine', [
  z.object({ engine: z.literal('local') }),
  z.object({
    engine: z.literal('ray'),
    /** Of the dashboard, which answers the Jobs API: `http://127.0.0.1:8265`. */
    address: storedURL('LONGHAND_RAY_TOKEN'),
    /** A folder that all nodes see, where results go; without one they come back through the log. */
    sharedFolder: z.string().min(1).optional(),
  }),
  z.object({
    engine: z.literal('slurm'),
    /** Reached by `ssh host`: a name of the ssh configuration, or `user@host`; this machine when absent. */
    host: z
      .string()
      .regex(SSH_HOST, { error: 'give a host as in “ssh host”: letters, digits and . _ @ : - only' })
      .optional(),
    /** Base URL of slurmrestd, in place of the commands. */
    rest: storedURL('SLURM_JWT').optional(),
    partition: z.string().min(1).optional(),
    /** Absolute path of a folder that the nodes see under the same path, where jobs are put. */
    sharedFolder: z.string().regex(SHARED_FOLDER, { error: 'give the absolute path of a folder that all nodes see' }),
  }),
]);
export type EngineChoice = z.infer<typeof EngineChoice>;

/** `lost`: the engine does not know it any more, which is not the same as failed. */
export const JobState = z.enum(['pending', 'running', 'stopped', 'succeeded', 'failed', 'lost']);
export type JobState = z.infer<typeof JobState>;

export const JobStatus = z.object({
  state: JobState,
  /** One sentence of the engine or of the job's last words. */
  message: z.string().optional(),
  exitCode: z.number().int().nullable().optional(),
  /** The signal that ended it, by its name, where the engine tells: there is no exit code then. */
  signal: z
    .string()
    .regex(/^SIG[A-Z0-9]+$/)
    .optional()
    .catch(undefined),
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

/** What of a run is true of trainings only. */
export const TrainingRecord = z.object({
  trainer: z.string().min(1),
  /** Absent in older records: `sft`. */
  objective: Objective.optional(),
  /** Name or folder of the model that is trained, as it was asked for. */
  model: z.string().min(1),
  /** What the trainer opens, where that is another folder: a GGUF file is converted first. */
  modelPath: z.string().min(1).optional(),
  /** The export, by its folder under `exports/`, and the file of rows in it. */
  export: z.string().min(1),
  rows: z.string().min(1),
  /** SHA-256 of the file of rows. */
  rowsHash: z.string().min(1),
  /** SHA-256 of the chat template by which the training renders its rows, see templateHash; absent where it does not, or the model is not here. */
  templateHash: z.string().min(1).optional(),
  rowCount: count,
  /** Tokens; `exact` when counted with the tokenizer of the model, else estimated from the texts. */
  maxLength: count,
  longestRow: count,
  lengthsExact: z.boolean(),
  /** Rows longer than maxLength, which the trainer cuts. */
  cutRows: count,
  /** Rows of which no token is trained, which the trainer leaves out; absent in older records. */
  emptyRows: count.optional(),
  /** Optimiser steps that are expected; null when unknown. */
  steps: count.nullable(),
  settings: TrainingSettings,
  device: z.enum(['cpu', 'gpu']),
  /** Name of the configuration in the job's folder. */
  config: z.string().min(1),
});
export type TrainingRecord = z.infer<typeof TrainingRecord>;

/** What of a run is true of model servers only. */
export const ServingRecord = z.object({
  server: z.string().min(1),
  /** What is served: a folder, a GGUF file or a name. */
  model: z.string().min(1),
  /** The training run whose checkpoint it is. */
  run: z.string().optional(),
  baseURL: z.url(),
  /** The name under which requests ask for it. */
  modelName: z.string().min(1),
  /** Id of the comparison of selections that started it, and stops it. Nothing else uses it. */
  comparison: z.string().optional(),
});
export type ServingRecord = z.infer<typeof ServingRecord>;

/** What of a run is true of a batch of a sampling round only. */
const BatchSamplingRecord = z.object({
  round: z.string().min(1),
  requests: count,
});
export type BatchSamplingRecord = z.infer<typeof BatchSamplingRecord>;

/** `runs/<id>/collected.json`: all that a batch brought stands in the journal of its round; nobody need ask its engine again. */
export const CollectedBatch = z.object({ at: z.string(), answers: count, refused: count });
export type CollectedBatch = z.infer<typeof CollectedBatch>;

/** A line of `runs/<id>/attempts.jsonl`, appended before the attempt is submitted: a job that was started is never unknown. */
export const RunAttempt = z.object({
  handle: JobHandle,
  at: z.string(),
  /** The checkpoint that it goes on from, relative to the run; absent on the first attempt and where none was saved. */
  from: z.string().optional(),
  /** Lines of progress that the attempts before had left: what comes after them is its own. */
  told: count.optional(),
});
export type RunAttempt = z.infer<typeof RunAttempt>;

/**
 * A line of `runs/<id>/hosted.jsonl`: what was done at the host, a line before and a line after each thing that must not be done twice. `uploading` or `creating` without its other half:
 * this process died in between, and the host must be asked.
 */
export const HostedLine = z.discriminatedUnion('event', [
  z.object({ event: z.literal('uploading'), at: z.string(), file: z.string() }),
  z.object({ event: z.literal('uploaded'), at: z.string(), file: z.string(), id: z.string() }),
  z.object({ event: z.literal('creating'), at: z.string(), job: z.string() }),
  /** The host made none: what `creating` says is taken back. */
  z.object({ event: z.literal('refused'), at: z.string(), job: z.string() }),
  /** It made one, and its answer could not be read. */
  z.object({ event: z.literal('unread'), at: z.string(), job: z.string() }),
  z.object({ event: z.literal('created'), at: z.string(), job: z.string(), id: z.string() }),
  z.object({
    event: z.literal('ended'),
    at: z.string(),
    state: z.enum(['succeeded', 'failed', 'cancelled']),
    model: z.string().optional(),
  }),
]);
export type HostedLine = z.infer<typeof HostedLine>;
/** `runs/<id>/attempts/<n>/end.json`: how an attempt on a cluster ended and what its log told; nobody need ask its engine again. */
export const RunEnd = z.object({
  version: z.literal(1),
  status: JobStatus.extend({ state: z.enum(['succeeded', 'failed', 'stopped']) }),
  failure: JobFailure.optional(),
  /** Where they came by the log: lines that stand in a file are read there. */
  progress: z.array(ProgressLine).optional(),
});
export type RunEnd = z.infer<typeof RunEnd>;

/** `runs/<id>/run.json`, written once: what was asked for. How it went is in the attempts, the engine and the trainer's own progress. */
export const RunRecord = z.object({
  version: z.literal(1),
  id: z.string().min(1),
  kind: JobKind,
  createdAt: z.string(),
  engine: EngineChoice,
  /** Of the first attempt: program and arguments, as they were shown before it ran. */
  command: z.array(z.string()).min(1),
  /** Added to the environment of the job; never a secret. */
  env: z.record(z.string(), z.string()).default({}),
  resources: Resources,
  training: TrainingRecord.optional(),
  serving: ServingRecord.optional(),
  sampling: BatchSamplingRecord.optional(),
});
export type RunRecord = z.infer<typeof RunRecord>;
