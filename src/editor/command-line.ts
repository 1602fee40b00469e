import { type ChildProcess, spawn } from 'node:child_process';
import { UserError } from '../core/errors.ts';
import { CallSettings } from '../core/schemas/index.ts';
import { parseJson } from '../core/text/json.ts';
import { VerbProgress } from '../protocol/progress.ts';
import { endLimitMs } from '../protocol/runner.ts';
import { readSettings } from '../store/settings.ts';

/** A verb that was cancelled, which is not shown. */
const cancelled = (): UserError => new UserError('cancelled', 'Cancelled.', '');

/** A verb that failed, with kind and message of its process. */
const failed = (message: string, advice = '', kind = 'verb'): UserError => new UserError(kind, message, advice);

export interface CommandLineCall {
  /** Path of `cli.mjs`. */
  cli: string;
  verb: string;
  /** Sent as JSON on stdin, so that the process list doesn't show it. */
  args: unknown;
  /** The whole environment of the child. */
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Sends a second SIGTERM, which ends calls in flight immediately. */
  stopNow?: AbortSignal;
  /** Milliseconds between `signal` and SIGKILL. Called when `signal` aborts. */
  endLimit: () => Promise<number>;
  onProgress?: (progress: VerbProgress) => void;
  /** Receives stdout of a verb that writes text there; its result is then the last line of stderr. */
  onText?: (text: string) => void;
  /** Lines of stderr that are not progress. */
  onLog?: (line: string) => void;
}

/**
 * Runs one verb of the command line in a child process and returns the JSON value that it printed, not validated.
 *
 * @throws UserError `cancelled` when `signal` was aborted, the kind of the process's failure, or `verb` where it has none.
 */
export async function callCommandLine(call: CommandLineCall): Promise<unknown> {
  if (call.signal?.aborted) throw cancelled();
  const child = spawn(process.execPath, [call.cli, call.verb, '--args-json', '-', '--json', '--progress', 'json'], {
    env: { ...call.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(failed(`The command line did not start: ${error.message}`)));
    child.once('close', resolve);
  });
  const stopWatching = killOnAbort(child, call);
  // A child that ends before it reads its arguments breaks this pipe. Its exit code has the reason.
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(call.args));
  let output = '';
  let result = '';
  onLines(child.stderr, (line) => {
    const progress = parseProgress(line);
    if (progress !== undefined) call.onProgress?.(progress);
    else if (call.onText !== undefined && line.startsWith('{')) result = line;
    else call.onLog?.(line);
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (call.onText === undefined) output += text;
    else output = passOn(output + text, call.onText);
  });
  try {
    const code = await ended;
    if (call.signal?.aborted) throw cancelled();
    if (call.onText !== undefined && code === 0) call.onText(output);
    return readResult(call.verb, code, call.onText !== undefined && code === 0 ? result : output);
  } finally {
    stopWatching();
  }
}

/** Passes text on, except a last line that may be the error of the verb. Returns what is held back. */
function passOn(text: string, onText: (text: string) => void): string {
  const failure = /(?:^|\n)\{"error":[^\n]*\n?$/.exec(text);
  const end = failure === null ? text.length : failure.index + (failure[0].startsWith('\n') ? 1 : 0);
  if (end > 0) onText(text.slice(0, end));
  return text.slice(end);
}

function killOnAbort(child: ChildProcess, { signal, stopNow: cut, endLimit }: CommandLineCall): () => void {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const terminate = () => void child.kill('SIGTERM');
  const end = async (): Promise<void> => {
    terminate();
    const limitMs = await endLimit();
    if (!ended) timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  };
  const onAbort = () => void end();
  signal?.addEventListener('abort', onAbort, { once: true });
  cut?.addEventListener('abort', terminate, { once: true });
  return () => {
    ended = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    cut?.removeEventListener('abort', terminate);
  };
}

function onLines(stream: NodeJS.ReadableStream, use: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') use(line);
  });
  stream.on('end', () => {
    if (rest !== '') use(rest);
  });
}

function parseProgress(line: string): VerbProgress | undefined {
  return line.startsWith('{') ? VerbProgress.safeParse(parseJson(line)).data : undefined;
}

function readResult(verb: string, code: number | null, output: string): unknown {
  const value = parseJson(output);
  const failure = failureOf(value);
  // A run that was followed and failed has a result and an exit code of 1.
  if (code !== null && value !== undefined && failure === undefined) return value;
  const lastLine = output.trimEnd().split('\n').at(-1) ?? '';
  const last = failure ?? failureOf(parseJson(lastLine));
  if (last !== undefined) throw last;
  if (code === 0) throw failed(`longhand ${verb} returned no result.`);
  throw failed(`longhand ${verb} ended unexpectedly (${code === null ? 'killed' : `exit code ${code}`}).`);
}

function failureOf(value: unknown): UserError | undefined {
  if (typeof value !== 'object' || value === null || !('error' in value)) return undefined;
  const { error } = value;
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  const advice = 'advice' in error && typeof error.advice === 'string' ? error.advice : '';
  return failed(String(error.message), advice, 'kind' in error ? String(error.kind) : undefined);
}

/** Milliseconds that a verb may take to end after a cancel: `calls.graceSeconds` of the dataset in its arguments, or the default. */
export async function endLimitOf(args: unknown): Promise<number> {
  const dataset = typeof args === 'object' && args !== null && 'dataset' in args ? args.dataset : undefined;
  const settings = typeof dataset === 'string' ? await readSettings(dataset).catch(() => undefined) : undefined;
  const { graceSeconds } = settings?.calls ?? CallSettings.parse({});
  return endLimitMs(graceSeconds);
}
