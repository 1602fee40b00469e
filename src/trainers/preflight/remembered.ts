import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { readdirIfExists, readJson } from '../../store/lines/files.ts';
import { writeAtomic } from '../../system/atomic-write.ts';
import { askPython, PythonInfo, type Questions } from '../python.ts';

/** Milliseconds; limits the effect of unseen changes, such as of a driver. */
const KEPT_MS = 10 * 60_000;

/** Environment variables that affect packages and GPUs. */
const RELEVANT = /^(?:PATH|LD_LIBRARY_PATH|VIRTUAL_ENV|(?:PYTHON|CONDA|CUDA|NVIDIA|HIP|ROCR|HF)\w*)$/;

const Mark = z.tuple([z.string(), z.number(), z.number()]);
/** A path with its size and time, which changes for a folder of packages with each installation. */
type Mark = z.infer<typeof Mark>;

const Remembered = z.object({ at: z.number(), site: z.array(Mark), says: PythonInfo });

interface Asking {
  cache: string;
  mediaFolder: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Names of the existing GPUs. */
  gpus: readonly string[];
}

/**
 * Queries an interpreter, or returns its recent answer to the same questions, since loading torch and a tokenizer takes seconds. Only results without
 * problems are stored.
 */
export async function askPythonOnce(
  python: readonly string[],
  questions: Questions,
  asking: Asking,
): Promise<PythonInfo | string> {
  const file = join(asking.cache, 'preflight', `${await nameOf(python, questions, asking)}.json`);
  const before = await recall(file);
  if (before) return before;
  const info = await askPython(python, questions, asking);
  if (typeof info !== 'string' && isWell(info, asking)) await keep(file, info);
  return info;
}

function isWell({ problem, torch, cuda }: PythonInfo, { gpus }: Asking): boolean {
  return problem === undefined && torch === undefined && (gpus.length === 0 || (cuda ?? 0) > 0);
}

async function nameOf(
  python: readonly string[],
  questions: Questions,
  { env, gpus, mediaFolder }: Asking,
): Promise<string> {
  const { model, rows, template } = questions;
  const inModel = model === undefined ? [] : (await readdirIfExists(model)).sort().map((name) => join(model, name));
  const scripts = join(mediaFolder, 'python');
  const files = [...inModel, ...(await readdir(scripts)).map((name) => join(scripts, name)), rows, template];
  const relevant = Object.entries(env).filter(([name]) => RELEVANT.test(name));
  const marks = await Promise.all(files.flatMap((path) => (path === undefined ? [] : markOf(path))));
  return createHash('sha256')
    .update(JSON.stringify([python, questions, gpus, relevant.sort(), marks]))
    .digest('hex')
    .slice(0, 24);
}

async function recall(file: string): Promise<PythonInfo | undefined> {
  // An unreadable file counts as missing.
  const kept = await readJson(file, Remembered).catch(() => undefined);
  const age = Date.now() - (kept?.at ?? 0);
  if (kept === undefined || age < 0 || age > KEPT_MS) return undefined;
  const now = await Promise.all(kept.site.map(([path]) => markOf(path)));
  return JSON.stringify(now) === JSON.stringify(kept.site) ? kept.says : undefined;
}

/** Not stored when the packages are not visible from here, as in a container. */
async function keep(file: string, info: PythonInfo): Promise<void> {
  const site = await Promise.all(info.site.map(markOf));
  if (site.length === 0 || site.some((mark) => mark === undefined)) return;
  const folder = dirname(file);
  // In the format of the interpreter, for the same schema.
  const lengths = info.lengths?.map(({ tokens, trained, first }) => [tokens, trained, first]);
  const text = JSON.stringify({ at: Date.now(), site, says: { ...info, lengths } });
  // Without it the next query is only slower.
  await writeAtomic(file, text, { sync: false }).catch(() => undefined);
  for (const name of await readdirIfExists(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > KEPT_MS) await rm(path, { force: true });
  }
}

async function markOf(path: string): Promise<Mark | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && [path, found.size, found.mtimeMs];
}
