import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { RunRecord, TrainingRecord } from '../core/model/index.ts';
import type { Engine } from '../engines/engine.ts';
import type { RunCheckpoint, TrainerProgram } from '../protocol/training.ts';
import { replaceJobFile, type StoredRun } from '../store/runs.ts';
import { TrainerError } from './errors.ts';
import { trainerOf } from './index.ts';
import { refuseOtherFiles, refuseOtherOutput } from './job-folder.ts';
import { ownCommandLine } from './launch.ts';
import { placeOf } from './place.ts';
import { pythonWords } from './python.ts';
import { readRunState } from './report.ts';
import { submit } from './start.ts';
import { stepsOf } from './steps.ts';
import type { Trainer, TrainerCommand, TrainerRequest } from './trainer.ts';

export interface ResumeOptions {
  dataset: string;
  mediaFolder: string;
  distFolder: string;
  cache: string;
  engine: Engine;
  signal: AbortSignal;
  program: TrainerProgram;
  /** The step of the checkpoint to go on from; the last whole one when absent, 0 for the beginning. */
  from?: number | undefined;
  longer: { epochs?: number; maxSteps?: number };
  /** Nothing is written or submitted. */
  plan: boolean;
  /** Done when it is sure that the run may go on, before anything is submitted. */
  before?: () => Promise<void>;
}

/** What a resumed training goes on from, and how far. */
export interface Resumed extends TrainerCommand {
  from: number;
  total: number | null;
}

/**
 * Submits the next attempt of a training. The program is that of today's flags and settings, never what a file of the dataset says; the configuration is the run's.
 * @throws TrainerError `not-ready` while it runs or is done, or where its job's folder holds other files than Longhand's, `no-checkpoint` for one that is not there or not whole; EngineError.
 */
export async function resumeTraining(run: StoredRun, options: ResumeOptions): Promise<Resumed> {
  const { record } = run;
  const { training } = record;
  if (!training) throw new TrainerError('not-ready', `Run ${record.id} is no training.`, 'Start it anew.');
  const { report, told } = await readRunState(run, options.dataset, options.engine, options.signal);
  const raised = options.longer.epochs !== undefined || options.longer.maxSteps !== undefined;
  if (report.state === 'running' || report.state === 'pending') {
    throw new TrainerError('not-ready', `Run ${record.id} is ${report.state}.`, 'Stop it first.');
  }
  if (report.state === 'unreachable') {
    throw new TrainerError('not-ready', `Nobody knows how run ${record.id} stands.`, report.message ?? 'Try again.');
  }
  if (report.state === 'succeeded' && !raised) {
    const advice = 'To train longer, resume with more epochs or steps.';
    throw new TrainerError('not-ready', `Run ${record.id} is finished.`, advice);
  }
  const checkpoint = choose(report.checkpoints, options.from);
  const trainer = trainerOf(training.trainer);
  const request = requestOf(record, training, run, checkpoint, options);
  const { command, env } = trainer.command(request);
  const total = totalOf(trainer, request, training, options.longer);
  const resumed = { from: checkpoint?.step ?? 0, total, command, env };
  if (options.plan) return resumed;
  await options.before?.();
  const files = trainer.files?.(request) ?? [];
  await refuseOtherFiles(run, [trainer.config.file, request.rowsFile, ...files.map(({ path }) => path)]);
  await refuseOtherOutput(run, trainer.config.file, request.place.out);
  for (const file of files) {
    // Longhand's own scripts are always those of this version.
    await replaceJobFile(run, file.path, 'content' in file ? file.content : await readFile(file.source, 'utf8'));
  }
  const from = checkpoint === undefined ? {} : { from: checkpoint.path };
  // At a host, the same job goes on: what it told before is its own.
  const own = trainer.hosted ? {} : { told };
  await submit(run, resumed, options.engine, options.signal, { ...from, ...own });
  return resumed;
}

function choose(checkpoints: readonly RunCheckpoint[], step: number | undefined): RunCheckpoint | undefined {
  if (step === 0) return undefined;
  const whole = checkpoints.filter((one) => one.whole);
  if (step === undefined) return whole.at(-1);
  const found = whole.find((one) => one.step === step);
  if (found) return found;
  const steps = whole.map((one) => one.step).join(', ');
  throw new TrainerError(
    'no-checkpoint',
    `There is no whole checkpoint of step ${step}.`,
    steps === ''
      ? 'There is none at all: resume without it, from the beginning.'
      : `There are those of steps ${steps}.`,
  );
}

function requestOf(
  record: RunRecord,
  training: TrainingRecord,
  run: StoredRun,
  checkpoint: RunCheckpoint | undefined,
  { mediaFolder, distFolder, cache, program, longer }: ResumeOptions,
): TrainerRequest {
  const place = placeOf(record.engine, run.folder, record.id);
  const { maxLength, longestRow, lengthsExact, cutRows, emptyRows = 0, rowCount } = training;
  return {
    runId: record.id,
    model: training.modelPath ?? training.model,
    // A name of the hub has no path of its own.
    modelIsFolder: isAbsolute(training.modelPath ?? training.model),
    rowsFile: trainerOf(training.trainer).rowsFile ?? 'rows.jsonl',
    rowCount,
    lengths: {
      ...{ exact: lengthsExact, rows: rowCount, maxLength, longest: longestRow, cut: cutRows },
      ...{ tokens: 0, trained: 0, median: 0, p99: 0, empty: emptyRows, emptied: 0 },
    },
    settings: training.settings,
    resources: record.resources,
    device: training.device,
    place,
    python: pythonWords(program, cache, record.engine.engine, trainerOf(training.trainer).environment),
    longhand: ownCommandLine(distFolder),
    ...(program.command === undefined ? {} : { custom: program.command }),
    mediaFolder,
    ...(checkpoint === undefined ? {} : { from: `${place.out}/${checkpoint.path.split('/').at(-1)}` }),
    longer,
  };
}

function totalOf(
  trainer: Trainer,
  request: TrainerRequest,
  training: TrainingRecord,
  { epochs, maxSteps }: ResumeOptions['longer'],
): number | null {
  if (maxSteps !== undefined) return maxSteps;
  if (epochs === undefined) return training.steps;
  const { maxSteps: _before, ...rest } = request.settings;
  return stepsOf(trainer, { ...request, settings: { ...rest, epochs } });
}
