import { spawn } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { defined } from '../core/defined.ts';
import { UserError } from '../core/errors.ts';
import { plural } from '../core/text/format.ts';
import { withLock } from './lock.ts';
import { startProblem } from './process.ts';
import {
  environmentFolder,
  environmentPython,
  PYTHON_ENVIRONMENTS,
  type PythonEnvironment,
} from './python-environment.ts';
import { exists, readWholeText } from './regular-file.ts';

/** Written last; an environment without it is incomplete. */
const MARK = 'longhand-requirements.txt';

export interface MakeOptions {
  signal?: AbortSignal;
  /** Called with the current step and the bytes downloaded so far. */
  onStep?: (text: string, bytes?: number) => void;
}

/** Whether an environment exists with the current packages. */
export async function hasEnvironment(cache: string, name: PythonEnvironment): Promise<boolean> {
  const mark = await readWholeText(join(environmentFolder(cache, name), MARK)).catch(() => undefined);
  return mark === requirementsOf(name);
}

/**
 * The interpreter of an environment, which is created or completed first. Concurrent calls create it once.
 * @throws UserError `environment` without Python or a registry; the signal's reason.
 */
export async function makeEnvironment(
  cache: string,
  name: PythonEnvironment,
  options: MakeOptions = {},
): Promise<string> {
  const { signal, onStep } = options;
  const python = environmentPython(cache, name);
  if (await hasEnvironment(cache, name)) return python;
  const folder = environmentFolder(cache, name);
  await mkdir(dirname(folder), { recursive: true });
  return withLock(
    `${folder}.lock`,
    async () => {
      if (await hasEnvironment(cache, name)) return python;
      onStep?.('Creating a Python environment');
      // At its final path, which its programs contain. pip keeps installed packages.
      await run(basePython(), ['-m', 'venv', folder], { advice: NO_PYTHON, signal });
      await forgetUnfinished(folder);
      await installPackages(python, PYTHON_ENVIRONMENTS[name], `${folder}.tmp`, options);
      await writeFile(join(folder, MARK), requirementsOf(name));
      return python;
    },
    { signal, onWait: () => onStep?.('Waiting for another process that creates it') },
  );
}

/**
 * Removes the metadata of packages whose installation was interrupted, so that pip installs them again. pip writes the metadata first and the
 * file INSTALLER last.
 */
async function forgetUnfinished(folder: string): Promise<void> {
  for (const packages of await packageFolders(folder)) {
    for (const name of await readdir(packages).catch(() => [])) {
      const record = join(packages, name);
      if (!name.endsWith('.dist-info') || (await exists(join(record, 'INSTALLER')))) continue;
      await rm(record, { recursive: true, force: true });
    }
  }
}

async function packageFolders(folder: string): Promise<string[]> {
  if (process.platform === 'win32') return [join(folder, 'Lib', 'site-packages')];
  const lib = join(folder, 'lib');
  return (await readdir(lib).catch(() => [])).map((python) => join(lib, python, 'site-packages'));
}

const NO_PYTHON = 'Install Python 3.10 or later with venv (Debian and Ubuntu: apt install python3-venv).';

/** @param work folder for pip's temporary files: a cancelled pip leaves them behind, and /tmp is often too small for torch. */
async function installPackages(
  python: string,
  packages: readonly string[],
  work: string,
  { signal, onStep }: MakeOptions,
): Promise<void> {
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    const env = { ...process.env, TMPDIR: work, PYTHONUNBUFFERED: '1' };
    const pip = ['-m', 'pip', '--disable-pip-version-check', 'install'];
    // Python's own pip may be too old for `raw`.
    onStep?.('Updating pip');
    const advice = `To see all of its output, run: ${python} ${[...pip, ...packages].join(' ')}`;
    await run(python, [...pip, '--quiet', 'pip>=24.1'], { advice, signal, env });
    const progress = new PipProgress();
    const onLine = (line: string): void => {
      const step = progress.read(line);
      if (step !== undefined) onStep?.(step.text, step.bytes);
    };
    await run(python, [...pip, '--progress-bar', 'raw', ...packages], { advice, signal, env, onLine });
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

function requirementsOf(name: PythonEnvironment): string {
  return `${PYTHON_ENVIRONMENTS[name].join('\n')}\n`;
}

function basePython(): string {
  return process.platform === 'win32' ? 'python' : 'python3';
}

interface RunOptions {
  advice: string;
  signal: AbortSignal | undefined;
  env?: NodeJS.ProcessEnv;
  onLine?: (line: string) => void;
}

function run(program: string, args: string[], { advice, signal, env, onLine }: RunOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    // Windows searches the working folder for programs first, so it must not be a workspace.
    const child = spawn(program, args, {
      cwd: homedir(),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: env ?? process.env,
      ...defined({ signal }),
    });
    let errors = '';
    createInterface({ input: child.stdout }).on('line', (line) => onLine?.(line));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4000);
    });
    child.once('error', (error) =>
      reject(signal?.aborted ? error : new UserError('environment', startProblem(program, error), advice)),
    );
    child.once('close', (code) => {
      if (code === 0) return resolve();
      const reason = errors.trim().split('\n').at(-1) ?? '';
      reject(new UserError('environment', `${program} ${args.slice(0, 3).join(' ')} failed: ${reason}`, advice));
    });
  });
}

/** What pip is doing, and how much it has downloaded. */
export interface PipStep {
  text: string;
  /** Bytes downloaded since the start; absent while pip downloads nothing. */
  bytes?: number;
}

/** Reads pip's output with `--progress-bar raw`, line by line. */
export class PipProgress {
  #file = '';
  #before = 0;
  #now = 0;
  /** The last progress line was the last of its file. */
  #ended = true;

  /** @returns the step that the line reports; undefined for other lines. */
  read(line: string): PipStep | undefined {
    const download = /^\s*Downloading (\S+) \(([^)]+)\)/.exec(line);
    if (download !== null) {
      const [, path = '', size = ''] = download;
      this.#file = `${nameOf(path)} (${size})`;
      return this.#downloading();
    }
    const progress = /^Progress (\d+) of (\d+)/.exec(line);
    if (progress !== null) {
      const [done, total] = [Number(progress[1]), Number(progress[2])];
      if (this.#ended || done < this.#now) {
        this.#before += this.#now;
        this.#now = 0;
      }
      this.#now = done;
      this.#ended = total > 0 && done >= total;
      return this.#downloading();
    }
    const installing = /^Installing collected packages: (.*)/.exec(line);
    if (installing !== null) return { text: `Installing ${plural(installing[1]?.split(',').length ?? 0, 'package')}` };
    const collecting = /^Collecting ([\w.-]+)/.exec(line);
    return collecting === null ? undefined : this.#with(`Looking for ${collecting[1]}`);
  }

  #downloading(): PipStep {
    return this.#with(`Downloading ${this.#file}`);
  }

  /** Adds the count, also while nothing is downloaded, so that it does not flicker. */
  #with(text: string): PipStep {
    const bytes = this.#before + this.#now;
    return bytes === 0 ? { text } : { text, bytes };
  }
}

/** `torch` of `https://host/torch-2.9.0-cp311-none-linux_x86_64.whl`. */
function nameOf(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return /^([\w.]+?)-\d/.exec(file)?.[1] ?? file;
}
