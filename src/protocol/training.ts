import { z } from 'zod';
import {
  EngineChoice,
  JobFailure,
  JobKind,
  JobState,
  Objective,
  RequestedSettings,
  Resources,
  RowLengths,
  ServingRecord,
  TrainingSettings,
} from '../core/schemas/index.ts';
import { dataset, engine, flag, flags } from './arguments.ts';

const count = z.number().int().nonnegative();

/** How a trainer is started. From flags and the user's own settings only: a dataset never names the program to run. */
export const TrainerProgram = z.object({
  /** A path, or a name on the PATH. */
  python: flag(
    z.string().min(1).optional(),
    'interpreter with the packages of the trainer; Longhand’s own environment when absent',
    { value: 'PATH' },
  ),
  prefix: flag(
    z.array(z.string().min(1)).optional(),
    'command before python, such as "uv run --with trl"; separated by spaces, or a JSON list',
    { value: 'WORDS', kind: 'text' },
  ),
  command: flag(
    z.array(z.string()).min(1).optional(),
    'command of the trainer custom, with variables; separated by spaces, or a JSON list; not run in a shell',
    { value: 'WORDS', kind: 'text' },
  ),
});
export type TrainerProgram = z.infer<typeof TrainerProgram>;

/** What a person requests; the rest follows from the engine. Without the defaults of `Resources`, which would count as requested. */
const ResourcesAsked = z.object({
  cpus: z.number().positive().optional().describe('CPU cores, and threads of torch'),
  gpus: count.optional().describe('GPUs per node'),
  nodes: z.number().int().positive().optional().describe('nodes of a cluster'),
  memory: count.optional(),
  timeLimit: flag(z.number().int().positive().optional(), 'time limit of the run', { value: 'MINUTES' }),
});

export const follow = z.boolean().optional().describe('wait until the run ends, and show its steps');

/** Flags of the settings of a training, without its seed. */
export const settingFlags = {
  epochs: 'passes over all rows (default 2)',
  'max-steps': 'optimizer steps in total, in place of epochs',
  'learning-rate': { value: 'X', help: '1e-5 when absent, 1e-6 for DPO and KTO' },
  batch: { at: 'batchSize', help: 'batch size of one device (default 1; for KTO 2)' },
  accumulate: 'gradient accumulation (default 16; for KTO 8)',
  lora: {
    at: 'loraRank',
    value: 'RANK',
    help: 'train a LoRA adapter of this rank; 0 is full fine-tuning (the default)',
  },
  'max-length': { value: 'TOKENS', help: 'max length of a row; by default that of the longest one' },
  'save-steps': 'a checkpoint every N steps; once an epoch when absent',
  device: { value: 'WHERE', help: 'auto, cpu or gpu' },
};

/** What a training is planned from. */
export const TrainArgs = z.object({
  dataset,
  trainer: flag(
    z.string().min(1).optional(),
    'trl (the default), llamafactory, swift, axolotl, together, fireworks, openai or custom',
    { value: 'NAME' },
  ),
  export: flag(z.string().min(1).optional(), 'folder under exports/; the newest when absent', { value: 'NAME' }),
  model: z
    .string()
    .min(1)
    .optional()
    .describe('folder of safetensors, GGUF file, name on the hub, or starter; the starter when it is the base model'),
  settings: flags(RequestedSettings.optional(), { ...settingFlags, seed: '42 when absent' }),
  config: flag(
    z.string().min(1).optional(),
    'file in place of the trainer’s configuration; its variables are filled in',
    { value: 'FILE' },
  ),
  program: TrainerProgram.optional(),
  /** This machine when absent. */
  engine,
  resources: ResourcesAsked.optional(),
  name: z.string().optional().describe('name of the run'),
  plan: z.boolean().optional().describe('check everything, show the command and configuration, and run nothing'),
  anyway: z.boolean().optional().describe('run although the preflight found an error'),
  follow,
});
export type TrainArgs = z.infer<typeof TrainArgs>;

/** One thing that was looked at before a training: `error` stops it, `warning` is to be read. */
export const PreflightCheck = z.object({
  id: z.enum([
    /** Longhand's own Python environment, without which nothing else can be checked. */
    'environment',
    'program',
    'packages',
    'gpu',
    'disk',
    'model',
    'rows',
    'lengths',
    'mask',
    'template',
    'engine',
    'config',
    'name',
  ]),
  state: z.enum(['ok', 'warning', 'error']),
  message: z.string(),
  /** What the person can do. */
  advice: z.string().optional(),
});
export type PreflightCheck = z.infer<typeof PreflightCheck>;

export const TrainingPlan = z.object({
  run: z.string(),
  trainer: z.string(),
  /** That of the export. */
  objective: Objective,
  engine: EngineChoice,
  /** As it was asked for; `modelPath` is what the trainer opens, absent while a GGUF file is still to be converted. */
  model: z.string(),
  modelPath: z.string().optional(),
  export: z.string(),
  /** File of the export. */
  rows: z.string(),
  rowCount: count,
  settings: TrainingSettings,
  resources: Resources,
  device: z.enum(['cpu', 'gpu']),
  /** Program and arguments exactly as they would run, what is added to the environment, and the configuration. */
  command: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  /** Name of the configuration within `runs/<run>/job/`, and its text. */
  configFile: z.string(),
  config: z.string(),
  /** The configuration of the last training by the same trainer, to see what is different. */
  previous: z.object({ run: z.string(), config: z.string() }).optional(),
  mask: z.object({ kept: z.enum(['exact', 'prefix', 'none']), words: z.string() }),
  lengths: RowLengths,
  /** Optimiser steps; null where the trainer reckons them in a way of its own. */
  steps: count.nullable(),
  checks: z.array(PreflightCheck),
  /** No check is an error. */
  ready: z.boolean(),
});
export type TrainingPlan = z.infer<typeof TrainingPlan>;

export const RunCheckpoint = z.object({
  /** Relative to the folder of the run's results. */
  path: z.string(),
  step: count,
  /** All its files are there to their last byte. */
  whole: z.boolean(),
  /** As the trainer logged it last before; absent where it did not. */
  loss: z.number().optional(),
});
export type RunCheckpoint = z.infer<typeof RunCheckpoint>;

/** The status of a run. Every number was reported by the trainer; what it did not report is absent. */
export const RunReport = z.object({
  run: z.string(),
  /** Its folder. */
  folder: z.string(),
  /** Folder of its results, where that is another: what the nodes of a cluster share, as this machine sees it. */
  results: z.string().optional(),
  kind: JobKind,
  createdAt: z.string(),
  engine: EngineChoice,
  trainer: z.string().optional(),
  /** A hosted training: it continues and is paid for even when the job here that watches it is lost. */
  hosted: z.literal(true).optional(),
  /** Of a server. */
  serving: ServingRecord.optional(),
  model: z.string().optional(),
  export: z.string().optional(),
  /** `prepared`: never submitted. `lost`: the engine no longer knows the job, which is not failed. `unreachable`: the engine did not answer; the job may still run. `unasked`: the user never sent a job to the place of its engine, which was not contacted. */
  state: z.enum([...JobState.options, 'prepared', 'unreachable', 'unasked']),
  message: z.string().optional(),
  exitCode: z.number().int().nullable().optional(),
  signal: z.string().optional(),
  node: z.string().optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  attempts: count,
  step: count.optional(),
  total: count.optional(),
  epoch: z.number().nonnegative().optional(),
  loss: z.number().optional(),
  lr: z.number().optional(),
  /** From the rate of the last steps; absent until there is one. */
  secondsLeft: z.number().nonnegative().optional(),
  checkpoints: z.array(RunCheckpoint),
  /** Folder of the trained model, once the trainer has reported that it is complete. */
  output: z.string().optional(),
  /** Folder of the trained model of a finished training that is no longer there. */
  missing: z.string().optional(),
  failure: JobFailure.optional(),
});
export type RunReport = z.infer<typeof RunReport>;

/** A folder of `runs/` that is no run that can be read. */
export const BrokenRun = z.object({ run: z.string(), path: z.string(), message: z.string() });
export type BrokenRun = z.infer<typeof BrokenRun>;
