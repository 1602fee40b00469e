import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { startProblem } from '../system/process.ts';

/** The result of a short program, with the end of its output. */
export interface Ran {
  /** Null when it could not be started or was killed. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Why it could not be started. */
  problem?: string;
}

const KEPT = 64 * 1024 * 1024;
const STDERR_KEPT = 8_000;

/** Runs a program to its end; `input` is sent to stdin. Rejects only when `signal` fires. */
export function runProgram(
  command: readonly string[],
  { input = '', env, signal }: { input?: string; env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Ran> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    // Windows searches the working folder for programs first, so it must not be a workspace.
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
      else resolve({ code: null, stdout, stderr, problem: startProblem(program, error) });
    });
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    // A program that ends early closes the pipe; its exit code explains why.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
