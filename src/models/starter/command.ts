import { spawn } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { UserError } from '../../core/errors.ts';
import { exists } from '../../system/regular-file.ts';
import { cancelledStart } from './catalogue.ts';

/** A program and its first arguments. */
export interface Tool {
  command: string;
  args: readonly string[];
  environment?: NodeJS.ProcessEnv;
}

/** A tool failed; `output` is what it printed. */
export class ToolFailure extends Error {
  readonly output: string;

  constructor(tool: Tool, code: number | null, output: string) {
    super(`${tool.command} ended with ${code === null ? 'a signal' : `code ${code}`}`);
    this.output = output;
  }
}

const OUTPUT_KEPT = 20_000;

/**
 * Runs a tool to its end, never through a shell.
 * @returns what it wrote to stdout.
 * @throws ToolFailure when it fails; UserError `cancelled` when the signal aborts.
 */
export function runTool(
  tool: Tool,
  args: readonly string[],
  options: { cwd?: string; signal?: AbortSignal | undefined },
) {
  return new Promise<string>((resolve, reject) => {
    if (options.signal?.aborted) return reject(cancelledStart());
    const child = spawn(tool.command, [...tool.args, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: { ...process.env, ...tool.environment },
      ...defined({ cwd: options.cwd, signal: options.signal }),
    });
    let out = '';
    let all = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out = (out + text).slice(-OUTPUT_KEPT);
      all = (all + text).slice(-OUTPUT_KEPT);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      all = (all + text).slice(-OUTPUT_KEPT);
    });
    child.on('error', (error) => reject(options.signal?.aborted ? cancelledStart() : error));
    child.on('close', (code) => {
      if (options.signal?.aborted) reject(cancelledStart());
      else if (code === 0) resolve(out);
      else reject(new ToolFailure(tool, code, all));
    });
  });
}

/**
 * npm as a tool. On Windows npm is a batch file, which only a shell could run, so its script is run with Node instead.
 * @throws UserError `missing-tool`.
 */
export async function findNpm(): Promise<Tool> {
  if (process.platform !== 'win32') {
    const npm = await findOnPath('npm');
    if (npm !== undefined) return { command: npm, args: [] };
  } else {
    const npm = await findOnPath('npm.cmd');
    const script = npm && join(dirname(await realpath(npm)), 'node_modules', 'npm', 'bin', 'npm-cli.js');
    if (script && (await exists(script))) return { ...ownNode(), args: [script] };
  }
  throw new UserError(
    'missing-tool',
    'npm was not found on the PATH.',
    'Install Node.js, which brings npm (Debian and Ubuntu: apt install npm), then start this again.',
  );
}

/**
 * A Python that has pip, as a tool.
 * @throws UserError `missing-tool`.
 */
export async function findPip(signal?: AbortSignal): Promise<Tool> {
  const candidates = process.platform === 'win32' ? [['py', '-3'], ['python']] : [['python3'], ['python']];
  let python: string | undefined;
  for (const [name = '', ...first] of candidates) {
    const command = await findOnPath(process.platform === 'win32' ? `${name}.exe` : name);
    if (command === undefined) continue;
    const tool: Tool = { command, args: [...first, '-m', 'pip'] };
    const works = await runTool(tool, ['--version'], { signal }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof UserError) throw error;
        return false;
      },
    );
    if (works) return tool;
    python ??= command;
  }
  throw new UserError(
    'missing-tool',
    python === undefined ? 'Python 3 was not found on the PATH.' : `${python} has no pip.`,
    'Install Python 3 with pip (Debian and Ubuntu: apt install python3-pip), then start this again.',
  );
}

/** The Node that runs this process, also inside an editor. */
export function ownNode(): Tool {
  return { command: process.execPath, args: [], environment: { ELECTRON_RUN_AS_NODE: '1' } };
}

async function findOnPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder !== '' && (await exists(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}
