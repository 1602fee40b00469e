import { spawn } from 'node:child_process';
import { homedir } from 'node:os';

/** How a short program ended, with the end of what it wrote. */
export interface Ran {
  /** Null where it could not be started, or was killed. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Why it could not be started. */
  problem?: string;
}

const KEPT = 64 * 1024 * 1024;
const STDERR_KEPT = 8_000;

/** Runs a program to its end; `input` goes to its stdin. Rejects only when `signal` fires. */
export function runProgram(
  words: readonly string[],
  { input = '', env, signal }: { input?: string; env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Ran> {
  const [program = '', ...args] = words;
  return new Promise((resolve, reject) => {
    // Windows looks for programs in the working folder first: never in a workspace.
    const child = spawn(program, args, { cwd: homedir(), env, signal, windowsHide: true });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < KEPT) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
    });
    child.once('error', (error) => {
      if (signal.aborted) reject(signal.reason);
      else resolve({ code: null, stdout, stderr, problem: error.message });
    });
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    // A program that ends before it has read all closes the pipe; how it ended says why.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
