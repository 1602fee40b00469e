import { type ChildProcess, spawn } from 'node:child_process';

export class ProcessFailed extends Error {
  override readonly name = 'ProcessFailed';
}

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Seconds; the process is killed after them. */
  limit?: number;
  /** Show the output as it comes. */
  show?: boolean;
}

export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end and returns its exit code and output; rejects only when it can't be started or exceeds its limit. */
export function capture(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
      if (options.show) process.stdout.write(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
      if (options.show) process.stderr.write(chunk);
    });
    const timer = options.limit
      ? setTimeout(() => {
          child.kill('SIGKILL');
          fail(new ProcessFailed(`${program} did not end within ${options.limit} s\n${tail(stdout + stderr)}`));
        }, options.limit * 1000)
      : undefined;
    child.on('error', (error) => fail(new ProcessFailed(`${program} can't be started: ${error.message}`)));
    child.on('exit', () => {
      // What it started may hold its pipes open for as long as it runs.
      setTimeout(() => [child.stdout, child.stderr].forEach((pipe) => void pipe.destroy()), 10_000).unref();
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code: code ?? 1, stdout, stderr });
    });
  });
}

/** Like `capture`, but an exit code other than 0 is an error that shows the end of the output. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await capture(program, args, options);
  if (result.code === 0) return result;
  const output = options.show ? '' : `\n${tail(result.stdout + result.stderr)}`;
  throw new ProcessFailed(`${[program, ...args].join(' ')} ended with code ${result.code}${output}`);
}

function tail(text: string, lines = 30): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

/** Starts a server in a process group of its own, so that `stopGroup` ends it with all it started. */
export function startServer(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Server {
  const child = spawn(program, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  const server = new Server(child);
  child.stdout?.on('data', (chunk: Buffer) => server.hear(String(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => server.hear(String(chunk)));
  return server;
}

export class Server {
  readonly exited: Promise<number>;
  private readonly child: ChildProcess;
  private output = '';
  private ended = false;

  constructor(child: ChildProcess) {
    this.child = child;
    this.exited = new Promise((done) => {
      const end = (code: number): void => {
        this.ended = true;
        done(code);
      };
      child.on('error', (error) => {
        this.output += error.message;
        end(1);
      });
      child.on('exit', (code) => end(code ?? 1));
    });
  }

  /** The last 200,000 characters that the server wrote. */
  get log(): string {
    return this.output;
  }

  hear(text: string): void {
    this.output = (this.output + text).slice(-200_000);
  }

  /** Waits until the URL answers; rejects when the server ends or `limit` seconds pass before that. */
  async ready(url: string, limit = 60): Promise<void> {
    const end = Date.now() + limit * 1000;
    while (Date.now() < end) {
      if (this.ended) throw new ProcessFailed(`the server ended before it was ready\n${tail(this.output)}`);
      const answered = await fetch(url, { redirect: 'manual' }).then(
        () => true,
        () => false,
      );
      if (answered) return;
      await new Promise((done) => setTimeout(done, 150));
    }
    throw new ProcessFailed(`the server was not ready within ${limit} s\n${tail(this.output)}`);
  }

  /** Sends SIGTERM to the group, and SIGKILL after five seconds. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    const insist = setTimeout(() => this.signal('SIGKILL'), 5000);
    await this.exited;
    clearTimeout(insist);
    // What the server started may outlive it for a moment and would keep files of its folders open.
    this.signal('SIGKILL');
  }

  private signal(signal: NodeJS.Signals): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // The group has no process left.
    }
  }
}
