import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { readdirOrNothing, readJson, writeAtomic } from '../store/files.ts';
import { askPython, PythonSays, type Questions } from './python.ts';

/** Long enough to try some settings. What changes unseen, as a driver, is asked for again after it. */
const KEPT_MS = 10 * 60_000;

/** What of the environment says which packages and GPUs an interpreter finds. */
const TELLING = /^(?:PATH|LD_LIBRARY_PATH|VIRTUAL_ENV|(?:PYTHON|CONDA|CUDA|NVIDIA|HIP|ROCR|HF)\w*)$/;

const Mark = z.tuple([z.string(), z.number(), z.number()]);
/** A path with its size and time: a folder of packages has another time when one was installed or removed. */
type Mark = z.infer<typeof Mark>;

const Remembered = z.object({ at: z.number(), site: z.array(Mark), says: PythonSays });

interface Asking {
  cache: string;
  mediaFolder: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Names of the GPUs that are there. */
  gpus: readonly string[];
}

/**
 * Asks an interpreter, or takes what it said to the same questions some minutes ago: loading torch and a tokenizer takes seconds, and no
 * setting of a training changes what they say. Only what is well is kept, so that what was mended is seen at once.
 */
export async function askPythonOnce(
  python: readonly string[],
  questions: Questions,
  asking: Asking,
): Promise<PythonSays | string> {
  const file = join(asking.cache, 'preflight', `${await nameOf(python, questions, asking)}.json`);
  const before = await recall(file);
  if (before) return before;
  const says = await askPython(python, questions, asking);
  if (typeof says !== 'string' && isWell(says, asking)) await keep(file, says);
  return says;
}

function isWell({ problem, torch, cuda }: PythonSays, { gpus }: Asking): boolean {
  return problem === undefined && torch === undefined && (gpus.length === 0 || (cuda ?? 0) > 0);
}

async function nameOf(
  python: readonly string[],
  questions: Questions,
  { env, gpus, mediaFolder }: Asking,
): Promise<string> {
  const { model, rows, template } = questions;
  const inModel = model === undefined ? [] : (await readdirOrNothing(model)).sort().map((name) => join(model, name));
  const scripts = join(mediaFolder, 'python');
  const files = [...inModel, ...(await readdir(scripts)).map((name) => join(scripts, name)), rows, template];
  const telling = Object.entries(env).filter(([name]) => TELLING.test(name));
  const marks = await Promise.all(files.flatMap((path) => (path === undefined ? [] : markOf(path))));
  return createHash('sha256')
    .update(JSON.stringify([python, questions, gpus, telling.sort(), marks]))
    .digest('hex')
    .slice(0, 24);
}

async function recall(file: string): Promise<PythonSays | undefined> {
  // A file that can't be read is one that is not there.
  const kept = await readJson(file, Remembered).catch(() => undefined);
  const age = Date.now() - (kept?.at ?? 0);
  if (kept === undefined || age < 0 || age > KEPT_MS) return undefined;
  const now = await Promise.all(kept.site.map(([path]) => markOf(path)));
  return JSON.stringify(now) === JSON.stringify(kept.site) ? kept.says : undefined;
}

/** Nothing where the packages can't be seen from here, as those of a container: then nobody could tell that they changed. */
async function keep(file: string, says: PythonSays): Promise<void> {
  const site = await Promise.all(says.site.map(markOf));
  if (site.length === 0 || site.some((mark) => mark === undefined)) return;
  const folder = dirname(file);
  // As the interpreter wrote them, since they are read by the same schema.
  const lengths = says.lengths?.map(({ tokens, trained, first }) => [tokens, trained, first]);
  const text = JSON.stringify({ at: Date.now(), site, says: { ...says, lengths } });
  // Without it the next look is slow, and no more.
  await writeAtomic(file, text, { sync: false }).catch(() => undefined);
  for (const name of await readdirOrNothing(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > KEPT_MS) await rm(path, { force: true });
  }
}

async function markOf(path: string): Promise<Mark | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && [path, found.size, found.mtimeMs];
}
