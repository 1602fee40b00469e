import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../core/errors.ts';
import { EngineError } from '../engine.ts';
import { inherited } from '../job-environment.ts';
import { quoteCommand } from '../shell.ts';

/** Seconds until a silent host counts as unreachable. */
const CONNECT_SECONDS = 20;
/** Exit code of ssh when the connection fails. */
const SSH_FAILED = 255;
const NOT_FOUND = 127;
/** Overrides the user's ssh configuration: a job needs no agent, no forwarded ports and no local command. */
const RESTRICTIONS = ['ForwardAgent=no', 'ForwardX11=no', 'ClearAllForwardings=yes', 'PermitLocalCommand=no'];
const LONGEST_ANSWER = 256 * 1024 * 1024;

export interface Answer {
  code: number;
  stdout: Buffer;
  stderr: string;
}

export interface RunOptions {
  signal: AbortSignal;
  /** Sent to stdin. */
  input?: NodeJS.ReadableStream;
}

/** Runs programs on the login node: this machine, or one reached by ssh. Arguments arrive unchanged. */
export class Shell {
  readonly #host: string | undefined;
  readonly #env: NodeJS.ProcessEnv;

  /** @param host as validated by EngineChoice; this machine when undefined. */
  constructor(host: string | undefined, env: NodeJS.ProcessEnv) {
    this.#host = host;
    this.#env = inherited(env);
  }

  /** For messages. */
  get place(): string {
    return this.#host ?? 'this machine';
  }

  /**
   * Runs a script of POSIX sh with its arguments as `$1` and so on.
   * @returns the answer with any other exit code.
   * @throws EngineError `unreachable` or `denied` when the host can't be reached; `unusable` when a program is missing.
   */
  async script(script: string, args: readonly string[], options: RunOptions): Promise<Answer> {
    const command = ['sh', '-c', script, 'sh', ...args];
    const [program = '', ...programArgs] = this.#host === undefined ? command : overSsh(this.#host, command);
    const answer = await this.#spawn(program, programArgs, options);
    if (this.#host !== undefined && answer.code === SSH_FAILED) throw this.#connectionFailed(answer.stderr);
    if (answer.code === NOT_FOUND) {
      const reason = lastLine(answer.stderr) || 'a program is missing';
      const advice = 'Add it to PATH there, also for non-interactive shells (“ssh host command”).';
      throw new EngineError('unusable', `On ${this.place}: ${reason}.`, advice);
    }
    return answer;
  }

  async #spawn(program: string, args: readonly string[], { signal, input }: RunOptions): Promise<Answer> {
    signal.throwIfAborted();
    const child = spawn(program, args, {
      env: this.#env,
      cwd: '/',
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      signal,
      windowsHide: true,
    });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    let size = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LONGEST_ANSWER) child.kill('SIGKILL');
      else out.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => errors.length < 1000 && errors.push(chunk));
    // The program may end before it has read everything; its exit code explains why.
    const sent = input && child.stdin ? pipeline(input, child.stdin).catch(() => {}) : Promise.resolve();
    try {
      const [code] = await once(child, 'close');
      await sent;
      return {
        code: typeof code === 'number' ? code : 1,
        stdout: Buffer.concat(out),
        stderr: String(Buffer.concat(errors)),
      };
    } catch (error) {
      signal.throwIfAborted();
      const why = messageOf(error);
      throw new EngineError('unusable', `“${program}” could not be started: ${why}.`, 'Install it, or put it on PATH.');
    }
  }

  #connectionFailed(stderr: string): EngineError {
    const reason = lastLine(stderr) || 'the connection failed';
    const denied = /permission denied|host key verification failed|authenticat/i.test(stderr);
    const advice = denied
      ? `Set up “ssh ${this.place}” to work without prompts: a key in an agent, and a known host.`
      : `Check that “ssh ${this.place}” works.`;
    return new EngineError(denied ? 'denied' : 'unreachable', `${this.place} can't be reached: ${reason}.`, advice);
  }
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().replace(/\.$/, '') ?? '';
}

/**
 * A command that runs `command` over ssh. ssh passes one text to the user's login shell (bash, csh, fish), so the arguments are sent as
 * Base64, which POSIX sh decodes there.
 */
export function overSsh(host: string, command: readonly string[]): string[] {
  const payload = Buffer.from(quoteCommand(command), 'utf8').toString('base64');
  const remote = `exec sh -c 'eval "$(printf %s "$0" | base64 -d)"' ${payload}`;
  const options = ['BatchMode=yes', `ConnectTimeout=${CONNECT_SECONDS}`, ...RESTRICTIONS];
  return ['ssh', ...options.flatMap((option) => ['-o', option]), '-T', '--', host, remote];
}
