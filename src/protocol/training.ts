import { z } from 'zod';
import {
  EngineChoice,
  JobFailure,
  JobKind,
  JobState,
  ProgressLine,
  Resources,
  RowLengths,
  ServingRecord,
  TrainingSettings,
} from '../core/model/index.ts';

const dataset = z.string().min(1);
const run = z.string().min(1);
const count = z.number().int().nonnegative();

/** How a trainer is started. From flags and the user's own settings only: a dataset never says which program runs. */
export const TrainerProgram = z.object({
  /** The interpreter that has the trainer's packages: a path, or a name on the PATH. Longhand's own environment when absent. */
  python: z.string().min(1).optional(),
  /** In place of an interpreter: words that stand before `python`, such as `uv run --with trl`. */
  prefix: z.array(z.string().min(1)).optional(),
  /** For the trainer `custom`: the program and its arguments, with `${…}` variables; without a shell. */
  command: z.array(z.string()).min(1).optional(),
});
export type TrainerProgram = z.infer<typeof TrainerProgram>;

/** What a person asks for; the rest follows from the engine. Without the defaults of `Resources`, which would pass for a wish. */
const ResourcesAsked = z.object({
  cpus: z.number().positive().optional(),
  gpus: count.optional(),
  nodes: z.number().int().positive().optional(),
  memory: count.optional(),
  timeLimit: z.number().int().positive().optional(),
});

/** What a training is planned from. */
export const TrainArgs = z.object({
  dataset,
  /** `trl` when absent. */
  trainer: z.string().min(1).optional(),
  /** Folder under `exports/`; the newest when absent. */
  export: z.string().min(1).optional(),
  /** A folder of safetensors, a GGUF file, a name of the Hugging Face hub, or `starter`; the base model when absent, if that is the starter. */
  model: z.string().min(1).optional(),
  settings: TrainingSettings.partial().optional(),
  program: TrainerProgram.optional(),
  /** A file that stands in for the trainer's own configuration; its `${…}` variables are filled in. */
  config: z.string().min(1).optional(),
  /** This machine when absent. */
  engine: EngineChoice.optional(),
  resources: ResourcesAsked.optional(),
  name: z.string().optional(),
  /** Look, and say what would run; run nothing. */
  plan: z.boolean().optional(),
  /** Run although the preflight found an error. */
  anyway: z.boolean().optional(),
  /** Stay until the training is over, and tell its steps; the training does not depend on who stays. */
  follow: z.boolean().optional(),
});
export type TrainArgs = z.infer<typeof TrainArgs>;

/** One thing that was looked at before a training: `error` stops it, `warning` is to be read. */
export const PreflightCheck = z.object({
  id: z.enum([
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

/** How a run stands. Every number is what the trainer said; what it did not say is absent. */
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
  /** It is trained at a host, where it goes on and is paid for even when the job here that watches it is lost. */
  hosted: z.literal(true).optional(),
  /** Of a server. */
  serving: ServingRecord.optional(),
  model: z.string().optional(),
  export: z.string().optional(),
  /** `prepared`: never submitted. `lost`: the engine does not know the job any more, which is not failed. `unreachable`: the engine did not answer; the job may well go on. `unasked`: its engine is at a place that this person never sent a job to, and was not asked. */
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
  /** Folder of the trained model, once the trainer has said that it is whole. */
  output: z.string().optional(),
  failure: JobFailure.optional(),
});
export type RunReport = z.infer<typeof RunReport>;

/** A folder of `runs/` that is no run that can be read. */
export const BrokenRun = z.object({ run: z.string(), path: z.string(), message: z.string() });
export type BrokenRun = z.infer<typeof BrokenRun>;

/** Verbs about trainings, and about all that runs on an engine; part of VERBS. */
export const TRAINING_VERBS = {
  train: {
    summary: 'Train a model on an export; with --plan, look at everything first and run nothing',
    args: TrainArgs,
    /** Without a report when only the plan was wanted; `next` is the command that starts it then. */
    result: z.object({ plan: TrainingPlan, report: RunReport.optional(), next: z.string().optional() }),
  },
  runs: {
    summary: 'List what runs or ran on engines: trainings, servers, samplings',
    args: z.object({
      dataset,
      kind: JobKind.optional(),
      /** Ask also engines at places that only the dataset names. */
      ask: z.boolean().optional(),
    }),
    result: z.object({ runs: z.array(RunReport), broken: z.array(BrokenRun) }),
  },
  run: {
    summary: 'Say how one run stands: state, progress, checkpoints and the last lines of its log',
    args: z.object({
      dataset,
      run,
      /** Stay until it is over, and tell its steps. */
      follow: z.boolean().optional(),
      /** Last lines of the log that are shown. */
      lines: z.number().int().nonnegative().max(10_000).optional(),
    }),
    result: z.object({ report: RunReport, progress: z.array(ProgressLine), log: z.array(z.string()) }),
  },
  'run-log': {
    summary: 'Print the log of a run; with --follow, until it is over',
    args: z.object({
      dataset,
      run,
      follow: z.boolean().optional(),
      /** Bytes of the log that are passed over. */
      offset: count.optional(),
    }),
    result: z.object({ run: z.string(), state: RunReport.shape.state, offset: count }),
  },
  'stop-run': {
    summary: 'Stop a run and all that it started; a training can be resumed from its last checkpoint',
    args: z.object({ dataset, run }),
    result: RunReport,
  },
  'hosted-job': {
    summary:
      'Send the rows of a run to a host, and watch its job there to the end; what “train” starts for hosted trainers',
    args: z.object({ dataset, run }),
    /** Name of the trained model at the host. */
    result: z.object({ model: z.string() }),
  },
  'resume-run': {
    summary: 'Go on with a training from its last whole checkpoint',
    args: z.object({
      dataset,
      run,
      /** Another checkpoint than the last whole one, by its step; 0 begins anew. */
      from: count.optional(),
      /** Train longer than was planned: epochs or steps in all, counted from the beginning. */
      epochs: z.number().positive().max(1000).optional(),
      maxSteps: TrainingSettings.shape.maxSteps,
      program: TrainerProgram.optional(),
      /** Of a training at a host: the id of the job there that is this run's. */
      job: z
        .string()
        .max(200)
        .regex(/^[A-Za-z0-9][\w:.-]*$/, { error: 'this is no id of a job' })
        .optional(),
      /** Look, and say what would run; run nothing. */
      plan: z.boolean().optional(),
      follow: z.boolean().optional(),
    }),
    result: z.object({
      report: RunReport,
      /** Program and arguments exactly as they run, and what is added to the environment. */
      command: z.array(z.string()),
      env: z.record(z.string(), z.string()),
      /** Whether it was only looked at. */
      planned: z.boolean(),
      /** The step that it goes on from, 0 for the beginning; and steps in all, null where unknown. */
      from: count,
      total: count.nullable(),
    }),
  },
  'check-template': {
    summary:
      'Render rows of an export through the chat template of a model, and say whether reasoning and loss mask survive',
    args: z.object({
      dataset,
      export: z.string().min(1).optional(),
      model: z.string().min(1).optional(),
      /** The row that is shown, by its id; the first when absent. */
      row: z.string().optional(),
    }),
    result: z.object({
      model: z.string(),
      export: z.string(),
      /** The model has a template; else it is given a plain one. */
      own: z.boolean(),
      rows: count,
      findings: z.array(z.object({ kind: z.string(), rows: count, message: z.string(), advice: z.string() })),
      sample: z
        .object({
          id: z.string(),
          parts: z.array(z.object({ text: z.string(), train: z.boolean(), of: z.enum(['template', 'answer']) })),
        })
        .optional(),
    }),
  },
  'trainer-env': {
    summary: 'Make the Python environment in which Longhand trains, converts and serves models, or say where it is',
    args: z.object({
      /** `trl` when absent. Only some have an environment of Longhand's own. */
      trainer: z.string().min(1).optional(),
      /** Say whether it is there, and make nothing. */
      check: z.boolean().optional(),
    }),
    result: z.object({ python: z.string(), ready: z.boolean(), packages: z.array(z.string()) }),
  },
} as const;
