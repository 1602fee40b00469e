import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../src/models/starter/cache.ts';
import { withLock } from '../../src/system/lock.ts';
import {
  environmentFolder,
  environmentPython,
  PYTHON_ENVIRONMENTS,
  type PythonEnvironment,
} from '../../src/system/python-environment.ts';
import { capture } from './process.ts';

const WINDOWS = process.platform === 'win32';
/** Written last: an environment without it is half made. */
const MARK = 'longhand-requirements.txt';
const INSTALL_SECONDS = 1800;

/** A virtual environment in the cache folder, shared by all clones and tests. */
export interface Python {
  python: string;
  /** Path of a program that a package of it installed. */
  program(name: string): string;
}

/**
 * The virtual environment of this name, made or changed when it lacks its packages. Two that ask at once make it once.
 * @returns a sentence where it can't be had, such as without PyPI: a test is then skipped with it.
 */
export async function pythonEnvironment(name: PythonEnvironment): Promise<Python | string> {
  const folder = environmentFolder(cacheFolder(), name);
  const python = environmentPython(cacheFolder(), name);
  const program = (of: string): string => join(dirname(python), WINDOWS ? `${of}.exe` : of);
  const requirements = PYTHON_ENVIRONMENTS[name];
  const wanted = `${requirements.join('\n')}\n`;
  if (await has(folder, wanted)) return { python, program };
  await mkdir(dirname(folder), { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    if (await has(folder, wanted)) return { python, program };
    return (await make(folder, python, requirements, wanted)) ?? { python, program };
  });
}

async function has(folder: string, wanted: string): Promise<boolean> {
  return (await readFile(join(folder, MARK), 'utf8').catch(() => '')) === wanted;
}

/** In its place, since the programs in it hold its path; what pip finds there already it leaves. */
async function make(
  folder: string,
  python: string,
  requirements: readonly string[],
  wanted: string,
): Promise<string | undefined> {
  try {
    const made = await capture(WINDOWS ? 'python' : 'python3', ['-m', 'venv', folder], { limit: 120 });
    if (made.code !== 0) return `no virtual environment could be made: ${lastLine(made.stderr)}`;
    console.error(`Installing ${requirements.join(', ')} into ${folder} …`);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements];
    const installed = await capture(python, pip, { limit: INSTALL_SECONDS });
    if (installed.code !== 0) return `pip can't install ${requirements.join(', ')}: ${lastLine(installed.stderr)}`;
    await writeFile(join(folder, MARK), wanted);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
