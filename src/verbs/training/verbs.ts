import { z } from 'zod';
import { JobKind, ProgressLine, TrainingSettings } from '../../core/schemas/index.ts';
import { dataset, flag } from '../../protocol/arguments.ts';
import { BrokenRun, follow, RunReport, TrainArgs, TrainerProgram, TrainingPlan } from '../../protocol/training.ts';
import { readEngine, readJson, run } from '../arguments.ts';
import { defineVerb } from '../define.ts';

const count = z.number().int().nonnegative();
const exportName = flag(z.string().min(1).optional(), 'folder under exports/; the newest when absent', {
  value: 'NAME',
});

/** Verbs about trainings, and about everything that runs on an engine. */
export const trainingVerbs = {
  train: defineVerb({
    summary: 'Train a model on an export; with --plan, check everything first and run nothing',
    args: TrainArgs,
    /** Without a report when only the plan was requested; `next` is then the command that starts it. */
    result: z.object({ plan: TrainingPlan, report: RunReport.optional(), next: z.string().optional() }),
    read: (given, verb) => {
      readEngine(given);
      readProgram(given, verb);
    },
    load: () => import('./train.ts'),
  }),
  runs: defineVerb({
    summary: 'List runs on engines: trainings, servers, samplings',
    args: z.object({
      dataset,
      kind: JobKind.optional().describe('only train, serve, sample or evaluate'),
      ask: z
        .boolean()
        .optional()
        .describe('also clusters that only the dataset names, to which no job was sent from here'),
    }),
    result: z.object({ runs: z.array(RunReport), broken: z.array(BrokenRun) }),
    load: () => import('./runs.ts'),
  }),
  run: defineVerb({
    summary: 'Show the status of a run: state, progress, checkpoints and the last lines of its log',
    args: z.object({
      dataset,
      run,
      follow,
      lines: count.max(10_000).optional().describe('last lines of the log (default 50)'),
    }),
    result: z.object({ report: RunReport, progress: z.array(ProgressLine), log: z.array(z.string()) }),
    load: () => import('./run.ts'),
  }),
  'run-log': defineVerb({
    summary: 'Print the log of a run; with --follow, until it ends',
    args: z.object({
      dataset,
      run,
      follow: z.boolean().optional().describe('continue until the run ends'),
      offset: flag(count.optional(), 'bytes of the log to skip', { value: 'BYTES' }),
    }),
    result: z.object({ run: z.string(), state: RunReport.shape.state, offset: count }),
    load: () => import('./run-log.ts'),
  }),
  'stop-run': defineVerb({
    summary: 'Stop a run and everything that it started; a training can be resumed from its last checkpoint',
    args: z.object({ dataset, run }),
    result: RunReport,
    load: () => import('./stop-run.ts'),
  }),
  'resume-run': defineVerb({
    summary: 'Resume a training from its last complete checkpoint',
    args: z.object({
      dataset,
      run,
      from: flag(count.optional(), 'another checkpoint than the last complete one; 0 starts again', { value: 'STEP' }),
      epochs: z.number().positive().max(1000).optional().describe('train longer: epochs in total'),
      maxSteps: TrainingSettings.shape.maxSteps.describe('train longer: steps in total'),
      job: flag(
        z
          .string()
          .max(200)
          .regex(/^[A-Za-z0-9][\w:.-]*$/, { error: 'not the id of a job' })
          .optional(),
        'of a hosted training: the id of its job, when it was created and its id is lost',
        { value: 'ID' },
      ),
      program: TrainerProgram.optional(),
      allowCode: z.boolean().optional().describe('run code that the stored configuration or the model names'),
      plan: z.boolean().optional().describe('show the command, and run nothing'),
      follow,
    }),
    result: z.object({
      report: RunReport,
      /** Program and arguments exactly as they run, and what is added to the environment. */
      command: z.array(z.string()),
      env: z.record(z.string(), z.string()),
      /** What of the stored configuration and the model could run code that is not Longhand's, a text each. */
      risks: z.array(z.string()),
      /** Whether nothing was started. */
      planned: z.boolean(),
      /** The step that it resumes from, 0 for the beginning; and steps in total, null where unknown. */
      from: count,
      total: count.nullable(),
    }),
    read: readProgram,
    load: () => import('./resume-run.ts'),
  }),
  'hosted-job': defineVerb({
    summary:
      'Send the rows of a run to a host, and watch its job there until it ends; “train” starts this for hosted trainers',
    args: z.object({ dataset, run }),
    /** Name of the trained model at the host. */
    result: z.object({ model: z.string() }),
    load: () => import('./hosted-job.ts'),
  }),
  loss: defineVerb({
    summary: 'Show the loss of trainings, and save it as a picture or a table',
    args: z.object({
      dataset,
      runs: z.array(z.string().min(1)).min(1).optional().describe('trainings; the newest when absent'),
      svg: flag(
        z.string().min(1).optional(),
        'write a picture of loss, learning rate and gradient norm by step, with all runs in one plot',
        { value: 'FILE' },
      ),
      csv: flag(z.string().min(1).optional(), 'write a line for each reported step', { value: 'FILE' }),
    }),
    result: z.object({
      runs: z.array(
        z.object({
          run: z.string(),
          /** Steps with a reported loss; no value is made up for the others. */
          points: count,
          step: count.optional(),
          total: count.optional(),
          first: z.number().optional(),
          last: z.number().optional(),
          /** The running average at the last step. */
          smoothed: z.number().optional(),
          /** Steps of the checkpoints that still exist. */
          checkpoints: z.array(count),
          /** Steps from which later attempts resumed. */
          resumes: z.array(count),
        }),
      ),
      svg: z.string().optional(),
      csv: z.string().optional(),
    }),
    load: () => import('./loss.ts'),
  }),
  'check-template': defineVerb({
    summary:
      'Render rows of an export with the chat template of a model, and check whether reasoning and loss mask survive',
    args: z.object({
      dataset,
      export: exportName,
      model: z.string().min(1).optional().describe('folder of safetensors, GGUF file, or starter'),
      row: flag(z.string().optional(), 'id of the row to show; the first when absent', { value: 'ID' }),
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
          parts: z.array(
            z.object({ text: z.string(), train: z.boolean(), part: z.enum(['template', 'reasoning', 'content']) }),
          ),
        })
        .optional(),
    }),
    load: () => import('./check-template.ts'),
  }),
  'trainer-env': defineVerb({
    summary: 'Install the Python environment in which Longhand trains, converts and serves models, or show where it is',
    args: z.object({
      trainer: flag(z.string().min(1).optional(), 'trl (the default), llamafactory or swift: each has its own', {
        value: 'NAME',
      }),
      check: z.boolean().optional().describe('show whether it exists, and install nothing'),
    }),
    result: z.object({ python: z.string(), ready: z.boolean(), packages: z.array(z.string()) }),
    load: () => import('./trainer-env.ts'),
  }),
};

/** --prefix and --command as lists: separated by spaces, or JSON. */
export function readProgram(given: Record<string, unknown>, verb: string): void {
  const program = given.program as Record<string, unknown> | undefined;
  for (const name of ['prefix', 'command']) {
    const text = program?.[name];
    if (program === undefined || typeof text !== 'string') continue;
    const words = text.trim();
    program[name] = words.startsWith('[')
      ? readJson(words, `--${name}`, verb)
      : words.split(/\s+/).filter((word) => word !== '');
  }
}
