import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../unit/engines/fixtures.ts';

/** Threads that spin on a busy core would take a hundred times as long. */
const QUIET: NodeJS.ProcessEnv = {
  ...process.env,
  OMP_NUM_THREADS: '1',
  OMP_WAIT_POLICY: 'PASSIVE',
  HF_HUB_OFFLINE: '1',
};

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. */
export function run(words: readonly string[], input = ''): Promise<Ended> {
  const [program = '', ...args] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: QUIET });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}

/** `longhand` as users run it. */
export function longhand(...args: string[]): Promise<Ended> {
  return run([process.execPath, join(ROOT, 'dist', 'cli.mjs'), ...args]);
}

/** Its result. Throws with its error output when it failed. */
export async function longhandJson<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await longhand(...args, '--json');
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
  return JSON.parse(stdout) as T;
}
