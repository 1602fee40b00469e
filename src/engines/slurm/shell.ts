import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../engine.ts';
import { inherited } from '../job-environment.ts';
import { shellWords } from '../shell.ts';

/** Seconds until a host that does not answer is unreachable. */
const CONNECT_SECONDS = 20;
/** What ssh itself ends with when the connection fails. */
const SSH_FAILED = 255;
const NOT_FOUND = 127;
/** Whatever the person's own configuration of ssh grants a login: a job needs neither agent nor ports, and no command here. */
const NOTHING_MORE = ['ForwardAgent=no', 'ForwardX11=no', 'ClearAllForwardings=yes', 'PermitLocalCommand=no'];
const LONGEST_ANSWER = 256 * 1024 * 1024;

export interface Answer {
  code: number;
  stdout: Buffer;
  stderr: string;
}

export interface RunOptions {
  signal: AbortSignal;
  /** Goes to its stdin. */
  input?: NodeJS.ReadableStream;
}

/** Runs programs of the cluster's login node, be it this machine or one reached by ssh. Arguments arrive as they are. */
export class Shell {
  readonly #host: string | undefined;
  readonly #env: NodeJS.ProcessEnv;

  /** @param host as checked by EngineChoice; this machine when undefined. */
  constructor(host: string | undefined, env: NodeJS.ProcessEnv) {
    this.#host = host;
    this.#env = inherited(env);
  }

  /** In words, for messages. */
  get place(): string {
    return this.#host ?? 'this machine';
  }

  /**
   * Runs a script of POSIX sh with its arguments as `$1` and so on.
   * @throws EngineError `unreachable` or `denied` when the host can't be reached; `unusable` when a program is missing. Other exit
   * codes are the caller's to judge.
   */
  async script(script: string, args: readonly string[], options: RunOptions): Promise<Answer> {
    const command = ['sh', '-c', script, 'sh', ...args];
    const [program = '', ...words] = this.#host === undefined ? command : overSsh(this.#host, command);
    const answer = await this.#spawn(program, words, options);
    if (this.#host !== undefined && answer.code === SSH_FAILED) throw this.#connectionFailed(answer.stderr);
    if (answer.code === NOT_FOUND) {
      const words = lastLine(answer.stderr) || 'a program is missing';
      const advice = 'Make it found by PATH there, also where nobody logs in (“ssh host command”).';
      throw new EngineError('unusable', `On ${this.place}: ${words}.`, advice);
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
    const words: Buffer[] = [];
    let size = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LONGEST_ANSWER) child.kill('SIGKILL');
      else out.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => words.length < 1000 && words.push(chunk));
    // The program may end before it has read everything; its exit code says why.
    const sent = input && child.stdin ? pipeline(input, child.stdin).catch(() => {}) : Promise.resolve();
    try {
      const [code] = await once(child, 'close');
      await sent;
      return {
        code: typeof code === 'number' ? code : 1,
        stdout: Buffer.concat(out),
        stderr: String(Buffer.concat(words)),
      };
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      throw new EngineError('unusable', `“${program}” could not be started: ${why}.`, 'Install it, or put it on PATH.');
    }
  }

  #connectionFailed(stderr: string): EngineError {
    const words = lastLine(stderr) || 'the connection failed';
    const denied = /permission denied|host key verification failed|authenticat/i.test(stderr);
    const advice = denied
      ? `Make “ssh ${this.place}” work without a question: a key in an agent, and a known host.`
      : `Look whether “ssh ${this.place}” answers.`;
    return new EngineError(denied ? 'denied' : 'unreachable', `${this.place} can't be reached: ${words}.`, advice);
  }
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().replace(/\.$/, '') ?? '';
}

/**
 * ssh hands one text to the login shell of the user, which may be any: bash, csh, fish. So that none of them can misread an argument,
 * all travel as Base64, which POSIX sh decodes there.
 */
export function overSsh(host: string, command: readonly string[]): string[] {
  const payload = Buffer.from(shellWords(command), 'utf8').toString('base64');
  const remote = `exec sh -c 'eval "$(printf %s "$0" | base64 -d)"' ${payload}`;
  const options = ['BatchMode=yes', `ConnectTimeout=${CONNECT_SECONDS}`, ...NOTHING_MORE];
  return ['ssh', ...options.flatMap((option) => ['-o', option]), '-T', '--', host, remote];
}
