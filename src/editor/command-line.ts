import { type ChildProcess, spawn } from 'node:child_process';
import { VerbProgress } from '../protocol/verbs.ts';

/** A verb that did not succeed, in the words of the process that ran it. */
export class VerbError extends Error {
  override readonly name = 'VerbError';
  /** What to do about it. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}

/** A verb that was cancelled; nobody needs to be told. */
export class VerbCancelled extends Error {
  override readonly name = 'VerbCancelled';
}

export interface CommandLineCall {
  /** Path of `cli.mjs`. */
  cli: string;
  verb: string;
  /** Sent as one JSON object on stdin: nothing of it is seen in the process list. */
  args: unknown;
  /** The whole environment of the child. */
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  onProgress?: (progress: VerbProgress) => void;
  /** Stdout as it comes, of a verb that writes text there: its result is then the last line of stderr. */
  onText?: (text: string) => void;
  /** Lines of stderr that are not progress. */
  onLog?: (line: string) => void;
}

/** How long a child may take to end after SIGTERM; an import writes its files in well under a second. */
const GRACE_MS = 5000;

/**
 * Runs one verb of the command line in a child process and gives the JSON value that it printed, not yet validated.
 *
 * @throws {VerbCancelled} when `signal` was aborted. @throws {VerbError} on every other failure.
 */
export async function callCommandLine(call: CommandLineCall): Promise<unknown> {
  if (call.signal?.aborted) throw new VerbCancelled();
  const child = spawn(process.execPath, [call.cli, call.verb, '--args-json', '-', '--json', '--progress', 'json'], {
    env: { ...call.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new VerbError(`The command line did not start: ${error.message}`)));
    child.once('close', resolve);
  });
  const stopWatching = killOnAbort(child, call.signal);
  // A child that ends before it has read its arguments breaks this pipe; its exit code tells more than that.
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
    if (call.signal?.aborted) throw new VerbCancelled();
    if (call.onText !== undefined && code === 0) call.onText(output);
    return readResult(call.verb, code, call.onText !== undefined && code === 0 ? result : output);
  } finally {
    stopWatching();
  }
}

/** Gives text on as it comes, and keeps the last line where it may be the failure that ends it. */
function passOn(text: string, onText: (text: string) => void): string {
  const failure = /(?:^|\n)\{"error":[^\n]*\n?$/.exec(text);
  const end = failure === null ? text.length : failure.index + (failure[0].startsWith('\n') ? 1 : 0);
  if (end > 0) onText(text.slice(0, end));
  return text.slice(end);
}

function killOnAbort(child: ChildProcess, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const kill = () => {
    child.kill('SIGTERM');
    timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  };
  signal?.addEventListener('abort', kill, { once: true });
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readResult(verb: string, code: number | null, output: string): unknown {
  const value = parseJson(output);
  const failure = failureOf(value);
  // A run that was followed and failed has a result all the same, and an exit code of 1.
  if (code !== null && value !== undefined && failure === undefined) return value;
  const lastLine = output.trimEnd().split('\n').at(-1) ?? '';
  const last = failure ?? failureOf(parseJson(lastLine));
  if (last !== undefined) throw last;
  if (code === 0) throw new VerbError(`longhand ${verb} gave no result.`);
  throw new VerbError(`longhand ${verb} ended unexpectedly (${code === null ? 'killed' : `exit code ${code}`}).`);
}

function failureOf(value: unknown): VerbError | undefined {
  if (typeof value !== 'object' || value === null || !('error' in value)) return undefined;
  const { error } = value;
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  const advice = 'advice' in error && typeof error.advice === 'string' ? error.advice : undefined;
  return new VerbError(String(error.message), advice);
}
