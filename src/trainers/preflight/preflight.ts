import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { messageOf, UserError } from '../../core/errors.ts';
import { formatBytes } from '../../core/text/format.ts';
import { type Gpu, parseGpus } from '../../core/training/gpus.ts';
import type { RowTokens } from '../../core/training/lengths.ts';
import { isOlder } from '../../core/training/versions.ts';
import type { PreflightCheck } from '../../protocol/training.ts';
import { hasEnvironment } from '../../system/make-environment.ts';
import { codeIn } from '../../system/own-code.ts';
import { ENVIRONMENT_BYTES } from '../../system/python-environment.ts';
import { convertGguf, isConverted } from '../gguf.ts';
import type { BaseModel } from '../model.ts';
import type { PlanContext, Preflight } from '../plan-context.ts';
import { type PythonInfo, pythonCommand } from '../python.ts';
import { withTags } from '../rows.ts';
import { runProgram } from '../run-python.ts';
import { readThroughTemplate, templateCheck, templateFile, templateHash } from '../template/template-check.ts';
import type { Trainer } from '../trainer.ts';
import { engineChecks } from './engine-checks.ts';
import { askPythonOnce } from './remembered.ts';
import { contextWarning, rowChecks } from './row-checks.ts';

const QUERY = 'index,name,memory.total,memory.free,utilization.gpu';

/** The GPUs of this machine. */
async function gpusHere({ env, signal }: Pick<PlanContext, 'env' | 'signal'>): Promise<Gpu[]> {
  const ran = await runProgram(['nvidia-smi', `--query-gpu=${QUERY}`, '--format=csv,noheader,nounits'], {
    env,
    signal,
  });
  return ran.code === 0 ? parseGpus(ran.stdout) : [];
}

/** The device of the job. Adds checks to `checks`. */
function gpuChecks(
  { settings, engine, resources }: Preflight,
  info: PythonInfo | undefined,
  there: readonly Gpu[],
  checks: PreflightCheck[],
): { device: 'cpu' | 'gpu'; gpus: number } {
  const requested = settings.device;
  if (engine.engine !== 'local') {
    const gpus = resources.gpus ?? (requested === 'gpu' ? 1 : 0);
    return { device: requested === 'cpu' || gpus === 0 ? 'cpu' : 'gpu', gpus };
  }
  const usable = info?.cuda ?? 0;
  if (requested === 'gpu' && usable === 0) {
    const message =
      there.length > 0 ? 'torch can’t use the GPU of this machine.' : 'No GPU that torch can use was found.';
    const advice = there.length > 0 ? 'Install a build of torch for this GPU.' : 'Train with --device cpu.';
    checks.push({ id: 'gpu', state: 'error', message, advice });
  }
  if (requested === 'auto' && there.length > 0 && usable === 0) {
    const advice = 'Install a build of torch for this GPU, or train with --device cpu.';
    checks.push({ id: 'gpu', state: 'warning', message: 'torch can’t use the GPU of this machine.', advice });
  }
  const gpu = requested !== 'cpu' && usable > 0;
  const names = there.map(({ index, name, freeMiB }) => `${index}: ${name}, ${freeMiB} MiB free`).join('; ');
  if (gpu) checks.push({ id: 'gpu', state: 'ok', message: names === '' ? `${usable} GPUs` : names });
  if (!gpu && requested !== 'gpu') checks.push({ id: 'gpu', state: 'ok', message: 'Trains on the CPU.' });
  return { device: gpu ? 'gpu' : 'cpu', gpus: gpu ? usable : 0 };
}

/** The results of a preflight. */
export interface Found {
  checks: PreflightCheck[];
  /** Command that starts Python with the trainer's packages where the job runs. */
  python: readonly string[];
  device: 'cpu' | 'gpu';
  gpus: number;
  /** The model that the trainer opens; undefined for a GGUF file that could not be converted. */
  model: string | undefined;
  /** Lengths of all rows by the model's tokenizer, if available. */
  tokens: RowTokens[] | undefined;
  /** See TrainingRecord. */
  templateHash?: string;
}

function makeIt({ name, environment }: Trainer): string {
  if (environment === undefined) return 'Name an interpreter with --python.';
  const verb = `longhand trainer-env${environment === 'trainer' ? '' : ` --trainer ${name}`}`;
  const size = formatBytes(ENVIRONMENT_BYTES[environment]);
  return `Install Longhand’s own environment with “${verb}” (${size}, more with CUDA), or name an interpreter with --python.`;
}

/** Checks interpreter, packages, GPUs, model and disk. Every problem becomes a check; rejects only when cancelled. */
export async function preflight(asked: Preflight, context: PlanContext): Promise<Found> {
  const local = asked.engine.engine === 'local';
  const { trainer, program, engine } = asked;
  if (trainer.hosted)
    return { checks: [], python: [], device: 'cpu', gpus: 0, model: asked.base.path, tokens: undefined };
  const python = pythonCommand(program, context.cache, engine.engine, trainer.environment);
  const missing = await missingEnvironment(asked, context);
  if (missing !== undefined) {
    const tokens = undefined;
    return { checks: [missing], python, device: 'cpu', gpus: 0, model: undefined, tokens };
  }
  // Clusters and custom commands use another interpreter; Longhand's own still counts the tokens.
  const here = local && inPython(trainer) ? python : pythonCommand({}, context.cache, 'local', 'trainer');
  const checks: PreflightCheck[] = await engineChecks(engine, context);
  const model = await modelFolder(asked, here, checks, context);
  const there = local && inPython(trainer) ? await gpusHere(context) : [];
  const rendering = model === undefined ? undefined : await throughTemplate(asked, model, context);
  // Counting in Python would not end with such a template either.
  const counted = rendering?.isUnusable ? undefined : model;
  const gpuNames = there.map(({ name }) => name);
  const template = rendering?.template;
  const info = await interpreter(asked, { here, local, model: counted, template, gpus: gpuNames }, checks, context);
  const { device, gpus } = inPython(trainer)
    ? gpuChecks(asked, typeof info === 'string' ? undefined : info, there, checks)
    : deviceFromSettings(asked);
  if (typeof info !== 'string') packages(asked, info, device, local, checks);
  const tokens = typeof info === 'string' ? undefined : info.lengths;
  rowChecks(asked, typeof info === 'string' ? undefined : info, checks);
  const longer =
    tokens &&
    model !== undefined &&
    (await contextWarning(
      tokens.map((row) => row.tokens),
      model,
    ));
  if (longer) checks.push({ id: 'lengths', state: 'warning', ...longer });
  checks.push(...(rendering?.checks ?? []));
  if (local && model !== undefined) await disk(asked, model, checks, context);
  return { checks, python, device, gpus, model, tokens, ...defined({ templateHash: rendering?.hash }) };
}

/** The use of a model's chat template. `template`: the file that replaces it. `isUnusable`: the file can't be read, or the template does not end. */
interface Rendering {
  checks: PreflightCheck[];
  isUnusable: boolean;
  template?: string;
  hash?: string;
}

/** How the template of the model or of the configuration renders the rows, where Longhand, its script or the trainer uses it. */
async function throughTemplate(
  { trainer, renders, source, base, engine, job, chatTemplate }: Preflight,
  model: string,
  context: PlanContext,
): Promise<Rendering> {
  let template: string | undefined;
  try {
    template = await templateFile(chatTemplate, engine, job);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message, advice } = error;
    return { checks: [{ id: 'template', state: 'error', message, advice }], isUnusable: true };
  }
  const named = defined({ template });
  if (base.kind === 'hub') return { checks: [], isUnusable: false, ...named };
  context.onStep('Checking the chat template');
  const isScript = trainer.name === 'trl';
  const form = renders && !trainer.rendered?.answers ? 'messages' : trainer.rows;
  const by = renders ? 'longhand' : isScript ? 'script' : 'trainer';
  // Trainers with rows of their own that render them get a thought in tags.
  const given = by === 'trainer' && trainer.row ? { asGiven: withTags } : {};
  const reading = await readThroughTemplate(model, source.path, context, { form, ...given, ...named });
  const isUnusable = reading.findings.some(({ kind }) => kind === 'endless');
  // Longhand would render them, and the trainer has a check of its own for its template.
  const isOwn = form === 'prefix' || form === 'prompt_completion' || (!renders && trainer.rendered?.answers);
  if (!isUnusable && isOwn) return { checks: [], isUnusable, ...named };
  const checks = [templateCheck(reading, by, form === 'dpo' || form === 'kto' ? 'answer' : 'row')];
  // Rendered rows stay as they are.
  const hash = renders ? undefined : await templateHash(model, template);
  return { checks, isUnusable, ...named, ...defined({ hash }) };
}

/** The check to install Longhand's own environment first, if it is used and missing. */
async function missingEnvironment(
  { trainer, program, engine, base }: Preflight,
  { cache }: PlanContext,
): Promise<PreflightCheck | undefined> {
  const runsIn = engine.engine === 'local' && inPython(trainer);
  if (runsIn && (program.python !== undefined || program.prefix !== undefined)) return undefined;
  const environment = runsIn ? trainer.environment : 'trainer';
  if (environment === undefined || (await hasEnvironment(cache, environment))) return undefined;
  if (!runsIn) {
    // For clusters and custom commands it only converts GGUF files.
    const converts = base.kind === 'gguf' && !(await isConverted(base.path, cache));
    if (!converts) return undefined;
  }
  const what = runsIn ? `${trainer.title} is not installed.` : 'The converter for GGUF files is not installed.';
  const advice = runsIn
    ? makeIt(trainer)
    : 'Install it with “longhand trainer-env”, or choose a folder of safetensors.';
  return { id: 'environment', state: 'error', message: what, advice };
}

/** Whether Longhand knows the trainer's packages. */
function inPython({ packages }: Trainer): boolean {
  return packages.length > 0;
}

/** A custom command finds its own devices. */
function deviceFromSettings({ settings, resources }: Preflight): Pick<Found, 'device' | 'gpus'> {
  return { device: settings.device === 'gpu' ? 'gpu' : 'cpu', gpus: resources.gpus ?? 0 };
}

async function modelFolder(
  { base, engine, trainer }: Preflight,
  python: readonly string[],
  checks: PreflightCheck[],
  context: PlanContext,
): Promise<string | undefined> {
  if (base.kind === 'hub') {
    const message = `${base.path} is a model on the Hugging Face hub. The trainer downloads it.`;
    checks.push({ id: 'model', state: 'warning', message, advice: 'Without a network, choose a local folder.' });
  }
  if (trainer.runsModelCode) checks.push(...(await codeChecks(base, trainer)));
  if (engine.engine !== 'local' && base.kind !== 'hub') {
    const message = 'The model is not uploaded. Every node must have it at the same path.';
    checks.push({ id: 'model', state: 'warning', message, advice: 'Store it on a disk that all nodes share.' });
  }
  if (base.kind !== 'gguf') return base.path;
  try {
    return await convertGguf(base.path, { ...context, python });
  } catch (error) {
    context.signal.throwIfAborted();
    const message = messageOf(error);
    checks.push({ id: 'model', state: 'error', message, advice: makeIt(trainer) });
    return undefined;
  }
}

/** Warns about a model's own code, which some trainers run. */
export async function codeChecks({ kind, path }: BaseModel, { title }: Trainer): Promise<PreflightCheck[]> {
  if (kind === 'hub') {
    const message = `A model on the hub can contain code, and ${title} does not ask before running it.`;
    return [{ id: 'model', state: 'warning', message, advice: `Check the files of ${path} first.` }];
  }
  const code = kind === 'folder' ? await codeIn(path) : undefined;
  if (code === undefined) return [];
  const message = `${path} contains code (${code}), which ${title} runs without asking.`;
  const advice =
    'Use a copy without auto_map and *.py files, or train with --trainer trl, which does not run the code.';
  return [{ id: 'model', state: 'error', message, advice }];
}

async function interpreter(
  { trainer, source, base }: Preflight,
  {
    here,
    local,
    model,
    template,
    gpus,
  }: {
    here: readonly string[];
    local: boolean;
    model: string | undefined;
    template: string | undefined;
    gpus: readonly string[];
  },
  checks: PreflightCheck[],
  context: PlanContext,
): Promise<PythonInfo | string> {
  context.onStep('Checking the interpreter and counting tokens');
  const countable = model !== undefined && base.kind !== 'hub';
  const info = await askPythonOnce(
    here,
    {
      packages: trainer.packages.map(({ name }) => name),
      ...(countable && { model, rows: source.path }),
      ...defined({ template }),
    },
    { ...context, gpus },
  );
  if (!inPython(trainer)) return info;
  if (!local) {
    const message = 'Can’t check the interpreter of the cluster from this machine.';
    checks.push({ id: 'program', state: 'warning', message, advice: 'Make sure that it has the trainer’s packages.' });
  } else if (typeof info === 'string') {
    const { environment } = trainer;
    const made = environment !== undefined && (await hasEnvironment(context.cache, environment));
    const message = `Can’t use ${here.join(' ')}. ${info}`;
    checks.push({
      id: 'program',
      state: 'error',
      message,
      advice: made ? 'Choose another one with --python.' : makeIt(trainer),
    });
  } else {
    checks.push({ id: 'program', state: 'ok', message: `Python ${info.python} (${here.join(' ')}).` });
  }
  return info;
}

function packages(
  { trainer, settings }: Preflight,
  info: PythonInfo,
  device: Found['device'],
  local: boolean,
  checks: PreflightCheck[],
): void {
  if (!local || !inPython(trainer)) return;
  const needed = trainer.packages.filter(({ when }) => when?.({ settings, device }) ?? true);
  const missing = needed.filter(({ name }) => !info.packages[name]).map(({ name }) => name);
  const old = needed.filter(({ name, atLeast }) => {
    const version = info.packages[name];
    return version && atLeast !== undefined && isOlder(version, atLeast);
  });
  if (missing.length > 0) {
    const advice = `pip install ${missing.join(' ')} there, or: ${makeIt(trainer)}`;
    checks.push({ id: 'packages', state: 'error', message: `Missing packages: ${missing.join(', ')}.`, advice });
  }
  if (old.length > 0) {
    const versions = old.map(({ name, atLeast }) => `${name} ${info.packages[name]} (at least ${atLeast})`).join(', ');
    const pins = old.map(({ name, atLeast }) => `"${name}>=${atLeast}"`).join(' ');
    checks.push({
      id: 'packages',
      state: 'error',
      message: `Outdated packages: ${versions}.`,
      advice: `pip install ${pins} there.`,
    });
  }
  if (missing.length === 0 && old.length === 0) {
    const message = needed.map(({ name }) => `${name} ${info.packages[name]}`).join(', ');
    checks.push({ id: 'packages', state: 'ok', message });
  }
  if (info.torch !== undefined && !missing.includes('torch') && needed.some(({ name }) => name === 'torch')) {
    const advice = 'Install a build of torch that fits this machine.';
    checks.push({ id: 'packages', state: 'error', message: `torch can’t be loaded: ${info.torch}`, advice });
  }
}

/** Three checkpoints with Adam's two moments, and the model. */
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
  const message = `Requires about ${gigabytes(needed)} GB of disk space; ${gigabytes(free)} GB are free.`;
  const short = free < needed;
  checks.push({
    id: 'disk',
    state: short ? 'warning' : 'ok',
    message,
    ...(short && { advice: 'Free some disk space.' }),
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
