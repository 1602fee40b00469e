import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { withLock } from './lock.ts';
import {
  environmentFolder,
  environmentPython,
  PYTHON_ENVIRONMENTS,
  type PythonEnvironment,
} from './python-environment.ts';

/** Written last: an environment without it is half made. */
const MARK = 'longhand-requirements.txt';

/** An environment could not be made; `advice` says what a person can do. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

export interface MakeOptions {
  signal?: AbortSignal;
  /** What is being done, in a few words. */
  doing?: (words: string) => void;
}

/** Whether an environment is there with all that it should have now. */
export async function hasEnvironment(cache: string, name: PythonEnvironment): Promise<boolean> {
  const mark = await readFile(join(environmentFolder(cache, name), MARK), 'utf8').catch(() => undefined);
  return mark === requirementsOf(name);
}

/**
 * The interpreter of an environment, which is made, or completed, when it lacks packages. Two that ask at once make it once.
 * @throws EnvironmentError where there is no Python or no registry; the signal's reason.
 */
export async function makeEnvironment(
  cache: string,
  name: PythonEnvironment,
  options: MakeOptions = {},
): Promise<string> {
  const { signal, doing } = options;
  const python = environmentPython(cache, name);
  if (await hasEnvironment(cache, name)) return python;
  const folder = environmentFolder(cache, name);
  await mkdir(dirname(folder), { recursive: true });
  return withLock(
    `${folder}.lock`,
    async () => {
      if (await hasEnvironment(cache, name)) return python;
      const packages = [...PYTHON_ENVIRONMENTS[name]];
      doing?.('Making a Python environment');
      // In its place, since the programs in it hold its path; what pip finds there already it leaves.
      await run(basePython(), ['-m', 'venv', folder], 'Install Python 3.10 or newer, with venv.', signal);
      doing?.(`Installing ${packages.join(', ')}`);
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
      await run(python, pip, `Try it by hand to see more: ${python} ${pip.join(' ')}`, signal);
      await writeFile(join(folder, MARK), requirementsOf(name));
      return python;
    },
    { signal, onWait: () => doing?.('Waiting for another process that makes it') },
  );
}

function requirementsOf(name: PythonEnvironment): string {
  return `${PYTHON_ENVIRONMENTS[name].join('\n')}\n`;
}

function basePython(): string {
  return process.platform === 'win32' ? 'python' : 'python3';
}

function run(program: string, args: string[], advice: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    // Windows looks for programs in the working folder first: never in a workspace.
    const child = spawn(program, args, {
      cwd: homedir(),
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
      ...(signal ? { signal } : {}),
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
    child.once('error', (error) =>
      reject(signal?.aborted ? error : new EnvironmentError(`${program} can't be started: ${error.message}`, advice)),
    );
    child.once('close', (code) => {
      if (code === 0) return resolve();
      const words = said.trim().split('\n').at(-1) ?? '';
      reject(new EnvironmentError(`${program} ${args.slice(0, 3).join(' ')} failed: ${words}`, advice));
    });
  });
}
