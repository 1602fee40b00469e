import { readdir, stat, statfs } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { EngineChoice, TrainingSettings } from '../core/model/index.ts';
import type { RowTokens } from '../core/training/lengths.ts';
import { isOlder } from '../core/training/versions.ts';
import type { PreflightCheck, TrainerProgram } from '../protocol/training.ts';
import { hasEnvironment } from '../system/make-environment.ts';
import { codeIn } from '../system/own-code.ts';
import { engineChecks } from './engine-checks.ts';
import type { ReadRows, TrainingExport } from './export-rows.ts';
import { convertGguf } from './gguf.ts';
import { gpuChecks, gpusHere } from './gpus.ts';
import type { BaseModel } from './model.ts';
import type { PlanContext } from './plan.ts';
import { type PythonSays, pythonWords } from './python.ts';
import { askPythonOnce } from './remembered.ts';
import { fitsContext, rowChecks } from './row-checks.ts';
import { readThroughTemplate, templateCheck } from './template-check.ts';
import type { Trainer } from './trainer.ts';

/** What a preflight looks at. */
export interface Preflight {
  trainer: Trainer;
  settings: TrainingSettings;
  engine: EngineChoice;
  resources: { gpus?: number | undefined };
  source: TrainingExport;
  rows: ReadRows;
  base: BaseModel;
  program: TrainerProgram;
  /** File of a chat template that the configuration names. */
  chatTemplate?: string | undefined;
}

/** What a preflight found. */
export interface Found {
  checks: PreflightCheck[];
  /** Words that start Python with the trainer's packages, where the job runs. */
  python: readonly string[];
  device: 'cpu' | 'gpu';
  gpus: number;
  /** What the trainer opens; undefined for a GGUF file that could not be converted. */
  model: string | undefined;
  /** Of every row, where the model's tokenizer could be asked. */
  tokens: RowTokens[] | undefined;
}

function makeIt({ name, environment }: Trainer): string {
  if (environment === undefined) return 'Name an interpreter with --python.';
  const verb = `longhand trainer-env${environment === 'trainer' ? '' : ` --trainer ${name}`}`;
  return `Make Longhand’s own environment with “${verb}”, or name an interpreter with --python.`;
}

/** Looks at interpreter, packages, GPUs, model and disk. Whatever it meets becomes a check; rejects only when cancelled. */
export async function preflight(asked: Preflight, context: PlanContext): Promise<Found> {
  const local = asked.engine.engine === 'local';
  const { trainer, program, engine } = asked;
  if (trainer.hosted)
    return { checks: [], python: [], device: 'cpu', gpus: 0, model: asked.base.path, tokens: undefined };
  const python = pythonWords(program, context.cache, engine.engine, trainer.environment);
  // Elsewhere, and for a command of one's own, runs another interpreter; Longhand's own can still count the tokens.
  const here = local && inPython(trainer) ? python : pythonWords({}, context.cache, 'local', 'trainer');
  const checks: PreflightCheck[] = await engineChecks(engine, context);
  const model = await modelFolder(asked, here, checks, context);
  const there = local && inPython(trainer) ? await gpusHere(context) : [];
  const says = await interpreter(asked, { here, local, model, gpus: there.map(({ name }) => name) }, checks, context);
  const { device, gpus } = inPython(trainer)
    ? gpuChecks(asked, typeof says === 'string' ? undefined : says, there, checks)
    : deviceAsTold(asked);
  if (typeof says !== 'string') packages(asked, says, device, local, checks);
  const tokens = typeof says === 'string' ? undefined : says.lengths;
  rowChecks(asked, typeof says === 'string' ? undefined : says, checks);
  if (tokens && model !== undefined) await fitsContext(tokens, model, checks);
  if (model !== undefined && asked.base.kind !== 'hub' && asked.trainer.rows === 'messages') {
    const reading = await readThroughTemplate(model, asked.source.path);
    checks.push(templateCheck(reading, asked.trainer.mask.kept === 'exact'));
  }
  if (local && model !== undefined) await disk(asked, model, checks, context);
  return { checks, python, device, gpus, model, tokens };
}

/** Whether Longhand knows what the trainer needs of its interpreter. */
function inPython({ packages }: Trainer): boolean {
  return packages.length > 0;
}

/** What the person's own command finds is theirs to know. */
function deviceAsTold({ settings, resources }: Preflight): Pick<Found, 'device' | 'gpus'> {
  return { device: settings.device === 'gpu' ? 'gpu' : 'cpu', gpus: resources.gpus ?? 0 };
}

async function modelFolder(
  { base, engine, trainer }: Preflight,
  python: readonly string[],
  checks: PreflightCheck[],
  context: PlanContext,
): Promise<string | undefined> {
  if (base.kind === 'hub') {
    const message = `${base.path} is a name of the hub: the trainer downloads it.`;
    checks.push({ id: 'model', state: 'warning', message, advice: 'Name a folder where there is no network.' });
  }
  if (trainer.runsModelCode) checks.push(...(await codeChecks(base, trainer)));
  if (engine.engine !== 'local' && base.kind !== 'hub') {
    const message = 'The model is not sent: every node must find it under the same path.';
    checks.push({ id: 'model', state: 'warning', message, advice: 'Keep it on a disk that all nodes see.' });
  }
  if (base.kind !== 'gguf') return base.path;
  try {
    return await convertGguf(base.path, { ...context, python });
  } catch (error) {
    context.signal.throwIfAborted();
    const words = error instanceof Error ? error.message : String(error);
    checks.push({ id: 'model', state: 'error', message: words, advice: makeIt(trainer) });
    return undefined;
  }
}

/** What a trainer that runs a model's own code would run. */
async function codeChecks({ kind, path }: BaseModel, { title }: Trainer): Promise<PreflightCheck[]> {
  if (kind === 'hub') {
    const message = `${title} runs code that comes with a model of the hub, without asking.`;
    return [{ id: 'model', state: 'warning', message, advice: `Look at the files of ${path} first.` }];
  }
  const code = kind === 'folder' ? await codeIn(path) : undefined;
  if (code === undefined) return [];
  const message = `${path} brings code of its own (${code}), which ${title} runs without asking.`;
  const advice = 'Name a copy without auto_map and *.py files, or train with --trainer trl, which runs none of it.';
  return [{ id: 'model', state: 'error', message, advice }];
}

async function interpreter(
  { trainer, source, base, chatTemplate }: Preflight,
  {
    here,
    local,
    model,
    gpus,
  }: { here: readonly string[]; local: boolean; model: string | undefined; gpus: readonly string[] },
  checks: PreflightCheck[],
  context: PlanContext,
): Promise<PythonSays | string> {
  context.doing('Asking the interpreter, and counting tokens');
  const countable = model !== undefined && base.kind !== 'hub';
  const says = await askPythonOnce(
    here,
    {
      packages: trainer.packages.map(({ name }) => name),
      ...(countable ? { model, rows: source.path } : {}),
      // A path within the job, or of a cluster, is not one of this machine.
      ...(local && chatTemplate !== undefined && isAbsolute(chatTemplate) ? { template: chatTemplate } : {}),
    },
    { ...context, gpus },
  );
  if (!inPython(trainer)) return says;
  if (!local) {
    const message = 'The interpreter of the cluster can’t be looked at from here.';
    checks.push({ id: 'program', state: 'warning', message, advice: 'See that it has the trainer’s packages.' });
  } else if (typeof says === 'string') {
    const { environment } = trainer;
    const made = environment !== undefined && (await hasEnvironment(context.cache, environment));
    const message = `${here.join(' ')} can’t be used: ${says}`;
    checks.push({
      id: 'program',
      state: 'error',
      message,
      advice: made ? 'Name another with --python.' : makeIt(trainer),
    });
  } else {
    checks.push({ id: 'program', state: 'ok', message: `Python ${says.python} (${here.join(' ')}).` });
  }
  return says;
}

function packages(
  { trainer, settings }: Preflight,
  says: PythonSays,
  device: Found['device'],
  local: boolean,
  checks: PreflightCheck[],
): void {
  if (!local || !inPython(trainer)) return;
  const needed = trainer.packages.filter(({ when }) => when?.({ settings, device }) ?? true);
  const missing = needed.filter(({ name }) => !says.packages[name]).map(({ name }) => name);
  const old = needed.filter(({ name, atLeast }) => {
    const version = says.packages[name];
    return version && atLeast !== undefined && isOlder(version, atLeast);
  });
  if (missing.length > 0) {
    const advice = `pip install ${missing.join(' ')} there, or: ${makeIt(trainer)}`;
    checks.push({ id: 'packages', state: 'error', message: `The interpreter lacks ${missing.join(', ')}.`, advice });
  }
  if (old.length > 0) {
    const words = old.map(({ name, atLeast }) => `${name} ${says.packages[name]} (at least ${atLeast})`).join(', ');
    const pins = old.map(({ name, atLeast }) => `"${name}>=${atLeast}"`).join(' ');
    checks.push({
      id: 'packages',
      state: 'error',
      message: `Too old: ${words}.`,
      advice: `pip install ${pins} there.`,
    });
  }
  if (missing.length === 0 && old.length === 0) {
    const words = needed.map(({ name }) => `${name} ${says.packages[name]}`).join(', ');
    checks.push({ id: 'packages', state: 'ok', message: words });
  }
  if (says.torch !== undefined && !missing.includes('torch') && needed.some(({ name }) => name === 'torch')) {
    const advice = 'Install a build of torch that fits this machine.';
    checks.push({ id: 'packages', state: 'error', message: `torch can’t be loaded: ${says.torch}`, advice });
  }
}

/** Three checkpoints with the two moments of Adam, and the model. */
const COPIES = 10;

async function disk(
  { settings, base }: Preflight,
  model: string,
  checks: PreflightCheck[],
  { dataset }: PlanContext,
): Promise<void> {
  if (base.kind === 'hub') return;
  const { bavail, bsize } = await statfs(dataset);
  const free = bavail * bsize;
  const weights = await weightBytes(model);
  const needed = weights * (settings.loraRank > 0 ? 2 : COPIES);
  const words = `About ${gigabytes(needed)} GB of disk are needed, ${gigabytes(free)} GB are free.`;
  const short = free < needed;
  checks.push({
    id: 'disk',
    state: short ? 'warning' : 'ok',
    message: words,
    ...(short ? { advice: 'Make room.' } : {}),
  });
}

async function weightBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) {
    if (/\.(?:safetensors|bin)$/.test(name)) bytes += (await stat(join(folder, name))).size;
  }
  return bytes;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 0);
}
