import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { defined } from '../core/defined.ts';
import { UserError } from '../core/errors.ts';
import { fileOfSet } from '../core/export/index.ts';
import { EngineChoice, type Objective, Resources, type RowLengths, TrainingSettings } from '../core/schemas/index.ts';
import { fillTemplate } from '../core/text/fill-template.ts';
import { isAnyTrained, longestOf, summariseLengths } from '../core/training/lengths.ts';
import type { PreflightCheck, TrainArgs, TrainingPlan } from '../protocol/training.ts';
import { readText } from '../store/lines/files.ts';
import { slug } from '../store/names.ts';
import { freeRunId, JOB_FOLDER, jobFolderOf, latestTraining, runFolder } from '../store/runs.ts';
import {
  type ChosenExport,
  chooseExport,
  findExport,
  type ReadRows,
  readTrainingRows,
  type TrainingExport,
} from './export-rows.ts';
import { trainerOf } from './index.ts';
import { ownCommandLine } from './launch.ts';
import { type BaseModel, findModel } from './model.ts';
import { placeOf } from './place.ts';
import type { PlanContext } from './plan-context.ts';
import { busyChecks } from './preflight/busy.ts';
import { type Found, preflight } from './preflight/preflight.ts';
import { exportChecks } from './preflight/row-checks.ts';
import { stepsOf, type Trainer, type TrainerRequest } from './trainer.ts';
import { commonVariables } from './variables.ts';

/** What other objectives than supervised fine-tuning start from, as in TRL. KTO compares the rows of a batch. */
const DEFAULTS: Record<Objective, Partial<TrainingSettings>> = {
  sft: {},
  dpo: { learningRate: 1e-6 },
  kto: { learningRate: 1e-6, batchSize: 2, accumulate: 8 },
};

/** A plan with everything needed to start it. */
export interface PlannedTraining {
  plan: TrainingPlan;
  trainer: Trainer;
  request: TrainerRequest;
  source: TrainingExport;
  /** The rows for validation, where the training uses them. */
  validation?: TrainingExport;
  rowsHash: string;
  /** See TrainingRecord. */
  templateHash?: string;
  /** Folder of the model whose chat template renders the rows; absent where the trainer does. */
  renders?: string;
}

/**
 * Plans a training. Runs only the preflight.
 * @throws UserError, StoreError when nothing can be planned; other problems are checks of the plan.
 */
export async function planTraining(
  args: TrainArgs & { model: string },
  context: PlanContext,
): Promise<PlannedTraining> {
  const chosen = await chooseExport(context.exportsFolder, trainerOf(args.trainer ?? 'trl'), args.export);
  const { objective } = chosen;
  const trainer = trainerOf(args.trainer ?? 'trl', objective);
  const settings = TrainingSettings.parse({ ...DEFAULTS[objective], ...args.settings });
  const engine = EngineChoice.parse(args.engine ?? { engine: 'local' });
  const base: BaseModel = trainer.hosted ? { kind: 'hub', path: args.model } : await findModel(args.model);
  const template = await templateOf(trainer, args.config);
  const custom = args.program?.command;
  const read = await readRows(trainer, chosen.name, { base, template, command: custom }, context);
  const { rendered, source, rows, validation } = read;
  const requested = slug(args.name ?? `${trainer.name}-${source.name}`, 'training');
  const run = await freeRunId(context.dataset, requested);
  const found = await preflight(
    {
      trainer,
      renders: rendered !== undefined,
      ...{ settings, engine, source, rows, base },
      resources: args.resources ?? {},
      program: args.program ?? {},
      job: join(runFolder(context.dataset, run), JOB_FOLDER),
      chatTemplate: trainer.chatTemplate?.(template),
    },
    context,
  );
  const resources = resourcesOf(args, engine, found, context);
  const request = requestOf({ ...read, trainer, settings, engine, resources, run, base, found, custom }, context);
  const config = fillTemplate(template, { ...commonVariables(request), ...trainer.variables?.(request) });
  const checks = [
    ...(args.name === undefined ? [] : nameTaken(requested, run)),
    ...passedOver(chosen, trainer),
    ...(await exportChecks(source, validation?.rows.count)),
    ...found.checks,
    ...(await trainerChecks(trainer, request, { config, engine }, context)),
  ];
  const plan: TrainingPlan = {
    run,
    ...{ trainer: trainer.name, objective },
    engine,
    model: args.model,
    ...defined({ modelPath: found.model }),
    export: source.name,
    rows: source.rows,
    rowCount: rows.count,
    settings,
    resources,
    device: request.device,
    ...trainer.command(request),
    configFile: trainer.config.file,
    config,
    ...(await previousOf(trainer, context.dataset)),
    mask: rendered?.mask ?? trainer.mask,
    lengths: request.lengths,
    steps: stepsOf(trainer, request),
    checks,
    ready: checks.every(({ state }) => state !== 'error'),
  };
  const renders = rendered && found.model;
  return {
    ...{ plan, trainer, request, source, rowsHash: rows.hash },
    ...defined({ validation: validation?.source, renders, templateHash: found.templateHash }),
  };
}

/** The rows of an export, in the form for Longhand's rendering where trainer, model and configuration allow it. */
async function readRows(
  trainer: Trainer,
  name: string,
  { base, template, command }: { base: BaseModel; template: string; command: readonly string[] | undefined },
  { exportsFolder, signal, onStep }: PlanContext,
): Promise<RowsRead> {
  onStep('Reading the rows');
  const rendered = base.kind !== 'hub' && trainer.rendered?.accepts(template) ? trainer.rendered : undefined;
  const form = rendered && !rendered.answers ? 'messages' : trainer.rows;
  const source = await findExport(exportsFolder, form, name);
  const rows = await readTrainingRows(source, form, signal);
  const file = fileOfSet('validation', source.rows);
  const other = { name, rows: file, path: join(dirname(source.path), file) };
  // A configuration that was edited may not use them.
  const isUsed =
    [template, ...(command ?? [])].some((text) => text.includes('${validation.')) && (await hasText(other.path));
  const validation = isUsed ? { source: other, rows: await readTrainingRows(other, form, signal) } : undefined;
  // Rows without trained text are not rendered. Without any row, trainers can't read the file.
  const hasRows = validation !== undefined && (!rendered || isAnyTrained(validation.rows.estimated));
  return { rendered, source, rows, ...defined({ validation: hasRows ? validation : undefined }) };
}

const hasText = async (path: string): Promise<boolean> => ((await stat(path).catch(() => undefined))?.size ?? 0) > 0;

/** The rows of a training, and how Longhand renders them. */
interface RowsRead {
  rendered: Trainer['rendered'];
  source: TrainingExport;
  rows: ReadRows;
  validation?: { source: TrainingExport; rows: ReadRows };
}

function requestOf(
  parts: RowsRead & {
    trainer: Trainer;
    settings: TrainingSettings;
    engine: EngineChoice;
    resources: Resources;
    run: string;
    base: BaseModel;
    found: Found;
    custom: readonly string[] | undefined;
  },
  { dataset, mediaFolder, distFolder }: PlanContext,
): TrainerRequest {
  const { trainer, settings, engine, resources, rows, validation, run, base, found, custom, rendered } = parts;
  return {
    runId: run,
    model: found.model ?? base.path,
    modelIsFolder: base.kind !== 'hub',
    rowsFile: trainer.rowsFile ?? 'rows.jsonl',
    rowCount: rows.count,
    rendered: rendered !== undefined,
    ...(validation && { validation: { longest: longestOf(validation.rows.estimated) } }),
    lengths: lengthsOf(rows, found, settings),
    settings,
    resources,
    device: found.device,
    place: placeOf(engine, runFolder(dataset, run), run),
    python: found.python,
    longhand: ownCommandLine(distFolder),
    ...defined({ custom }),
    mediaFolder,
  };
}

function lengthsOf(rows: ReadRows, found: Found, { maxLength }: TrainingSettings): RowLengths {
  return summariseLengths(found.tokens ?? rows.estimated, found.tokens !== undefined, maxLength);
}

function resourcesOf(args: TrainArgs, engine: EngineChoice, found: Found, { env }: PlanContext): Resources {
  return Resources.parse({
    cpus: engine.engine === 'local' ? threadsOf(env) : 1,
    gpus: found.device === 'gpu' ? Math.max(1, found.gpus) : 0,
    ...args.resources,
  });
}

/** Leaves a core free, since spinning threads on every core slow down other work and the training itself. */
function threadsOf(env: NodeJS.ProcessEnv): number {
  const set = Number(env.OMP_NUM_THREADS);
  return Number.isInteger(set) && set > 0 ? set : Math.max(1, availableParallelism() - 1);
}

/** What only this trainer finds, and what else runs on this machine. */
async function trainerChecks(
  trainer: Trainer,
  request: TrainerRequest,
  { config, engine }: { config: string; engine: EngineChoice },
  context: PlanContext,
): Promise<PreflightCheck[]> {
  return [
    ...((await trainer.check?.(request, context.signal)) ?? []),
    ...(trainer.checkConfig?.(config) ?? []),
    ...(engine.engine === 'local' && !trainer.hosted ? await busyChecks(context) : []),
  ];
}

function nameTaken(requested: string, run: string): PreflightCheck[] {
  if (run === requested) return [];
  return [{ id: 'name', state: 'warning', message: `Run ${requested} already exists. This run is named ${run}.` }];
}

function passedOver({ name, newest }: ChosenExport, { title }: Trainer): PreflightCheck[] {
  if (newest === undefined) return [];
  const message = `The latest export, “${newest}”, has no rows for ${title}. The latest one that has is used: “${name}”.`;
  return [{ id: 'rows', state: 'warning', message, advice: 'Name another one with --export.' }];
}

async function templateOf(trainer: Trainer, file: string | undefined): Promise<string> {
  if (file === undefined) return trainer.config.template;
  const text = await readText(file);
  if (text !== undefined) return text;
  throw new UserError('bad-config', `There is no file ${file}.`, 'Name a configuration file that exists.');
}

async function previousOf(trainer: Trainer, dataset: string): Promise<Pick<TrainingPlan, 'previous'>> {
  const last = await latestTraining(dataset, trainer.name);
  const name = last?.record.training?.config;
  if (!last || name === undefined) return {};
  const config = await readText(join(jobFolderOf(last), name));
  return config === undefined ? {} : { previous: { run: last.record.id, config } };
}
