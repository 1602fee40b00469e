import { isAbsolute, join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { UserError } from '../../core/errors.ts';
import type { RunRecord, TrainingRecord } from '../../core/schemas/index.ts';
import { formatCount, formatNumbers } from '../../core/text/format.ts';
import { risksIn } from '../../core/training/config-risks.ts';
import type { Engine } from '../../engines/engine.ts';
import type { RunCheckpoint, TrainerProgram } from '../../protocol/training.ts';
import { readText } from '../../store/lines/files.ts';
import { jobFolderOf, replaceJobFile, type StoredRun } from '../../store/runs.ts';
import { readWholeText } from '../../system/regular-file.ts';
import { trainerOf } from '../index.ts';
import { ownCommandLine } from '../launch.ts';
import { findModel } from '../model.ts';
import { placeOf } from '../place.ts';
import { codeChecks } from '../preflight/preflight.ts';
import { pythonCommand } from '../python.ts';
import { readThroughTemplate, templateCheck, templateFile, templateHash } from '../template/template-check.ts';
import type { TemplateContext } from '../template/thread.ts';
import { stepsOf, type Trainer, type TrainerCommand, type TrainerRequest, VALIDATION_FILE } from '../trainer.ts';
import { refuseOtherFiles, refuseOtherOutput } from './job-folder.ts';
import { readRunState } from './report.ts';
import { submit } from './start.ts';

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
  /** Whether the configuration may name code that is not Longhand's; see `resumeRisks`. */
  allowCode?: boolean | undefined;
  /** Done when it is sure that the run may go on, before anything is submitted. */
  before?: () => Promise<void>;
}

/** What a resumed training goes on from, and how far. */
export interface Resumed extends TrainerCommand {
  from: number;
  total: number | null;
  /** What of the configuration and the model could run code that is not Longhand's; see `resumeRisks`. */
  risks: string[];
}

/**
 * Submits the next attempt of a training. The program is that of today's flags and settings, never what a file of the dataset says; the configuration is the run's.
 * @throws UserError `not-ready` while it runs or is done, or where its job's folder holds other files than Longhand's, `bad-config` where the configuration could run other code and that is not allowed, `no-checkpoint` for one that is not there or not whole; EngineError.
 */
export async function resumeTraining(run: StoredRun, options: ResumeOptions): Promise<Resumed> {
  const { record } = run;
  const { training } = record;
  if (!training) throw new UserError('not-ready', `Run ${record.id} is not a training.`, 'Start it again.');
  const { report, lineCount } = await readRunState(run, options.dataset, options.engine, options.signal);
  const raised = options.longer.epochs !== undefined || options.longer.maxSteps !== undefined;
  if (report.state === 'running' || report.state === 'pending') {
    throw new UserError('not-ready', `Run ${record.id} is ${report.state}.`, 'Stop it first.');
  }
  if (report.state === 'unreachable') {
    throw new UserError('not-ready', `The status of run ${record.id} is unknown.`, report.message ?? 'Try again.');
  }
  if (report.state === 'succeeded' && !raised) {
    const advice = 'To train longer, resume with more epochs or steps.';
    throw new UserError('not-ready', `Run ${record.id} is finished.`, advice);
  }
  const checkpoint = choose(report.checkpoints, options.from);
  const trainer = trainerOf(training.trainer, training.objective);
  const request = requestOf(record, training, run, checkpoint, options);
  const { command, env } = trainer.command(request);
  const total = totalOf(trainer, request, training, options.longer);
  const config = (await readText(join(jobFolderOf(run), trainer.config.file))) ?? '';
  await checkTemplate(run, trainer, request, { config, ...options });
  const risks = await resumeRisks(config, trainer, request);
  const resumed = { from: checkpoint?.step ?? 0, total, command, env, risks };
  if (options.plan) return resumed;
  if (!options.allowCode) refuseRisks(run, trainer, risks);
  await options.before?.();
  const files = trainer.files?.(request) ?? [];
  await refuseOtherFiles(run, [
    trainer.config.file,
    request.rowsFile,
    VALIDATION_FILE,
    ...files.map(({ path }) => path),
  ]);
  await refuseOtherOutput(run, trainer.config.file, request.place.out);
  for (const file of files) {
    // Longhand's own scripts are always those of this version.
    await replaceJobFile(run, file.path, 'content' in file ? file.content : await readWholeText(file.source));
  }
  const from = checkpoint === undefined ? {} : { from: checkpoint.path };
  // A hosted job continues, so its earlier progress counts.
  const own = trainer.hosted ? {} : { told: lineCount };
  await submit(run, { command, env }, options.engine, options.signal, { ...from, ...own });
  return resumed;
}

function choose(checkpoints: readonly RunCheckpoint[], step: number | undefined): RunCheckpoint | undefined {
  if (step === 0) return undefined;
  const whole = checkpoints.filter((one) => one.whole);
  if (step === undefined) return whole.at(-1);
  const found = whole.find((one) => one.step === step);
  if (found) return found;
  const steps = formatNumbers(whole.map((one) => one.step));
  throw new UserError(
    'no-checkpoint',
    `Step ${formatCount(step)} has no complete checkpoint.`,
    steps === ''
      ? 'The run has no checkpoint. Resume without a step to start from the beginning.'
      : `Complete checkpoints: steps ${steps}.`,
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
    // The configuration is written already.
    rendered: false,
    lengths: {
      ...{ exact: lengthsExact, rows: rowCount, maxLength, longest: longestRow, cut: cutRows },
      ...{ tokens: 0, trained: 0, median: 0, p99: 0, empty: emptyRows, emptied: 0 },
    },
    settings: training.settings,
    resources: record.resources,
    device: training.device,
    place,
    python: pythonCommand(program, cache, record.engine.engine, trainerOf(training.trainer).environment),
    longhand: ownCommandLine(distFolder),
    ...defined({ custom: program.command }),
    mediaFolder,
    ...(checkpoint && { from: `${place.out}/${checkpoint.path.split('/').at(-1)}` }),
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

/**
 * Checks that the chat template of the training is that of its beginning, and still renders the rows. Only where the model is on this machine and the
 * trainer, or its script, renders them.
 * @throws UserError `bad-config`, `no-model`
 */
async function checkTemplate(
  { record, ...run }: StoredRun,
  trainer: Trainer,
  { model, modelIsFolder, rowsFile }: TrainerRequest,
  { config, ...context }: TemplateContext & { config: string },
): Promise<void> {
  const job = jobFolderOf({ record, ...run });
  const template = await templateFile(trainer.chatTemplate?.(config), record.engine, job);
  const hash = record.training?.templateHash;
  const isScript = trainer.name === 'trl';
  // Older records have no hash. Rows that Longhand rendered have none either.
  if (!modelIsFolder || (hash === undefined && !isScript)) return;
  // On a cluster, only its nodes must have the model.
  const isHere = await findModel(model).catch((error: unknown) => {
    if (record.engine.engine === 'local') throw error;
  });
  if (!isHere) return;
  const where = template ?? `the model in ${model}`;
  if (hash !== undefined && hash !== (await templateHash(model, template))) {
    throw new UserError(
      'bad-config',
      `The chat template of ${where} is not the one with which run ${record.id} began.`,
      'Restore the template, or start a new training.',
    );
  }
  const rows = join(job, rowsFile);
  const reading = await readThroughTemplate(model, rows, context, { form: trainer.rows, ...defined({ template }) });
  const { state, message, advice } = templateCheck(reading, isScript ? 'script' : 'trainer');
  if (state === 'error') throw new UserError('bad-config', message, advice ?? '');
}

/** As many as a message shows. */
const SHOWN = 5;

/**
 * What a resume would run that is not Longhand's: lines of the stored configuration, which may be a stranger's, and the code of a model, where the trainer
 * runs it. Each as a text that names where it is. Only trainers with a configuration in YAML load code that it names.
 */
async function resumeRisks(config: string, trainer: Trainer, request: TrainerRequest): Promise<string[]> {
  const { file } = trainer.config;
  if (!file.endsWith('.yaml')) return [];
  const lines = risksIn(config, { model: request.model, job: request.place.job });
  const model = trainer.runsModelCode
    ? await codeChecks({ kind: request.modelIsFolder ? 'folder' : 'hub', path: request.model }, trainer)
    : [];
  return [...lines.map(({ line, text }) => `${file}, line ${line}: ${text}`), ...model.map(({ message }) => message)];
}

/** @throws UserError `bad-config` that lists the risks, where there are any. */
function refuseRisks(run: StoredRun, { config, title }: Trainer, risks: readonly string[]): void {
  if (risks.length === 0) return;
  const more = risks.length > SHOWN ? ` (and ${formatCount(risks.length - SHOWN)} more)` : '';
  throw new UserError(
    'bad-config',
    `Run ${run.record.id} has settings that could make ${title} run other code than Longhand's: ${risks.slice(0, SHOWN).join('; ')}${more}.`,
    `Read ${join(jobFolderOf(run), config.file)}. If you trust it, resume with --allow-code.`,
  );
}
