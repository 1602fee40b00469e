import type {
  JobFailure,
  Objective,
  ProgressLine,
  Resources,
  RowLengths,
  TrainingSettings,
} from '../core/schemas/index.ts';
import type { RenderedPart } from '../core/training/render.ts';
import type { ROW_FORMS } from '../core/training/rows.ts';
import { expectedSteps } from '../core/training/steps.ts';
import type { PreflightCheck } from '../protocol/training.ts';
import type { PythonEnvironment } from '../system/python-environment.ts';

/** Which file of an export a trainer wants; see docs/reference/data-format.md. */
export type RowForm = keyof typeof ROW_FORMS;

/** Where a job finds and leaves things, as the job itself sees them: absolute on this machine, relative to the working folder where the files are sent elsewhere. */
export interface JobPlace {
  /** Folder of the files that the trainer asked for: configuration, script, rows. */
  job: string;
  /** Checkpoints and the trained model. */
  out: string;
  /** The progress file of Longhand's own callback. */
  progress: string;
  /** Progress goes to stdout too, a `@@LONGHAND {…}` line each, since nobody reads the job's files. */
  frames: boolean;
}

/** Name of the file of rows for validation in the job's folder. */
export const VALIDATION_FILE = 'validation.jsonl';

/** What becomes of the loss mask; see `Trainer`. */
export interface MaskKept {
  readonly kept: 'exact' | 'prefix' | 'none';
  readonly words: string;
}

/** All that a trainer may use to write its configuration and command. */
export interface TrainerRequest {
  runId: string;
  /** What the trainer opens: a folder of safetensors, or a name of the hub. */
  model: string;
  /** Whether `model` is a folder: nothing need be asked of the hub then. */
  modelIsFolder: boolean;
  /** Name of the row file within the job's folder. */
  rowsFile: string;
  rowCount: number;
  /** Rows for validation, if there are some and the configuration uses them. `longest`: tokens of the longest one, estimated by the bytes of its texts. */
  validation?: { longest: number };
  /** Rows are rendered by Longhand. */
  rendered: boolean;
  lengths: RowLengths;
  settings: TrainingSettings;
  resources: Resources;
  /** `gpu` only where the job will find one. */
  device: 'cpu' | 'gpu';
  place: JobPlace;
  /** Words that start Python with the trainer's packages: one path, or `uv run --with trl python`. */
  python: readonly string[];
  /** Words that start Longhand's own command line on this machine. */
  longhand: readonly string[];
  /** The person's own command with its variables, for the trainer that runs it. */
  custom?: readonly string[];
  /** Folder of Longhand's own scripts. */
  mediaFolder: string;
  /** The checkpoint that it goes on from, as the job sees it; absent at the beginning. */
  from?: string;
  /** Longer than the configuration says, counted from the beginning. */
  longer?: { epochs?: number; maxSteps?: number };
}

/** Text of a rendered row with one value of the mask. */
export type RenderedRun = Pick<RenderedPart, 'text' | 'train'>;

/** A file in the job's folder: a text, or a copy of a file of this machine. */
export type TrainerFile = { path: string } & ({ content: string } | { source: string });

export interface TrainerCommand {
  /** Program and arguments, without a shell. */
  command: string[];
  /** Added to the environment. Never a secret: it is shown and kept. */
  env: Record<string, string>;
}

/**
 * Where a trainer tells how far it is. `own`: `progress.jsonl` by Longhand's callback. `file`: a JSONL file of the trainer under the
 * run's `out/`. `log`: lines of its stdout. A line that `parse` does not understand is no progress: numbers are never guessed.
 */
export type ProgressSource =
  | { from: 'own' }
  | { from: 'file'; path: string; parse: (line: string) => ProgressLine | undefined }
  | { from: 'log'; parse: (line: string) => ProgressLine | undefined };

/** A package of Python that a trainer needs, by its name in the registry. */
export interface PackageNeed {
  name: string;
  /** The oldest version that is known to work. */
  atLeast?: string;
  /** Not needed by every training. */
  when?: (request: Pick<TrainerRequest, 'settings' | 'device'>) => boolean;
}

/**
 * What a training job is, in the terms of one trainer. A trainer is launched and never written: it is described by its configuration file,
 * its command and the file that it reports to. Hosted trainers are one too: their command is a program that uploads, waits and reports.
 */
export interface Trainer {
  readonly name: string;
  /** As people call it. */
  readonly title: string;
  readonly rows: RowForm;
  /** What is different for other objectives than supervised fine-tuning; absent where the trainer has them not. */
  readonly objectives?: Readonly<Partial<Record<Exclude<Objective, 'sft'>, ObjectiveParts>>>;
  /** Supported settings; absent: all. */
  readonly supports?: readonly (keyof TrainingSettings)[];
  /**
   * What becomes of the loss mask. `exact`: every character as the mask says. `prefix`: masked text stands in the prompt; chains that can't be
   * written that way are left out. `none`: masked text is trained. In words, for the plan and docs/reference/training.md.
   */
  readonly mask: MaskKept;
  /**
   * How it gets rows that Longhand renders by the model's chat template, so that each template keeps thought and mask. Used where the model is on this
   * machine and the configuration accepts such rows: one that was edited may apply a template itself.
   */
  readonly rendered?: {
    accepts(config: string): boolean;
    /** A row of text that is untrained and trained in turn, beginning with the prompt. */
    row(runs: readonly RenderedRun[]): unknown;
    /** A row of whole answers of one prompt, with the ends that the model must write. Given for rows of DPO and KTO, in place of `row`. */
    answers?(prompt: string, answers: readonly string[], given: unknown): unknown;
    readonly mask: MaskKept;
  };
  readonly packages: readonly PackageNeed[];
  /** The configuration: its name in the job's folder, and a text with `${…}` variables; see core/text/fill-template.ts. */
  readonly config: { readonly file: string; readonly template: string };
  /** A function where the configuration of the run says where. */
  readonly progress: ProgressSource | ((config: string) => ProgressSource);
  /** Folder of the trained model under `out/` once the job has succeeded, where the trainer's progress does not name it. */
  readonly output?: string;
  /** Longhand's environment with the trainer's packages, where the person names no interpreter; `python3` when absent. */
  readonly environment?: PythonEnvironment;
  /** It runs code that comes with a model, without asking. */
  readonly runsModelCode?: true;
  /**
   * The training is done at a host, by a model's name there: the job is Longhand's own program, on this machine, which sends, waits and reports, and it
   * may have the keys of the environment.
   */
  readonly hosted?: true;
  /** The file of the chat template that a configuration names in place of the model's own; undefined where it names none. */
  chatTemplate?(config: string): string | undefined;
  /** Values of `${…}` beside the common ones of `commonVariables`. */
  variables?(request: TrainerRequest): Record<string, unknown>;
  /** A row of the export in the form that the trainer reads; as it is when absent. Undefined leaves the row out. */
  row?(row: unknown): unknown;
  /** Name of the row file in the job's folder; `rows.jsonl` when absent. */
  readonly rowsFile?: string;
  /** Files beside configuration and rows. */
  files?(request: TrainerRequest): TrainerFile[];
  /** @throws UserError for what this trainer can't do, such as to train longer. */
  command(request: TrainerRequest): TrainerCommand;
  /** Optimiser steps that are expected; `expectedSteps` of core/training when absent. Null where it can't be known. */
  steps?(request: Pick<TrainerRequest, 'settings' | 'resources' | 'rowCount' | 'device'>): number | null;
  /** What only this trainer can look at before it starts. */
  check?(request: TrainerRequest, signal: AbortSignal): Promise<PreflightCheck[]>;
  /** What is wrong with a configuration, which may be one that was edited. */
  checkConfig?(config: string): PreflightCheck[];
  /** Its own way of saying what went wrong, asked before the common words of core/training/failure.ts. */
  failure?(log: string): JobFailure | undefined;
}

/** What a trainer does in another way for an objective. */
export type ObjectiveParts = Pick<Trainer, 'rows' | 'mask' | 'config'> &
  Partial<Pick<Trainer, 'row' | 'rendered' | 'variables' | 'files' | 'command' | 'check' | 'checkConfig'>>;

/** Optimiser steps of a training; null when its trainer can't estimate them. Rows without a trained token do not count. */
export function stepsOf(
  trainer: Trainer,
  request: Pick<TrainerRequest, 'rowCount' | 'lengths' | 'settings' | 'resources' | 'device'>,
): number | null {
  const { exact, empty, emptied } = request.lengths;
  const rowCount = request.rowCount - (exact ? empty + emptied : 0);
  if (trainer.steps) return trainer.steps({ ...request, rowCount });
  const devices = Math.max(1, request.resources.gpus) * request.resources.nodes;
  return expectedSteps(rowCount, request.settings, request.device === 'gpu' ? devices : 1);
}
