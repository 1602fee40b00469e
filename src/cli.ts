import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { adviceOf, UserError } from './core/errors.ts';
import { formatProgress } from './core/text/format.ts';
import { terminalJson, terminalText } from './core/text/terminal.ts';
import type { VerbProgress } from './protocol/progress.ts';
import { explainDiskFull } from './system/atomic-write.ts';
import { type CommonFlags, checkArgs, helpText, readCommandLine } from './verbs/command-line.ts';
import { EXIT, UsageError, type VerbContext, VerbError } from './verbs/context.ts';
import { loadVerb, type VerbArgs, type VerbName } from './verbs/index.ts';
import { ownVersion } from './verbs/own-version.ts';

/** The folder of `cli.mjs`. */
const distFolder = import.meta.dirname;

async function main(argv: readonly string[]): Promise<number> {
  // A wrong command line has no parsed flags, but a program that passed --json still reads JSON.
  let json = argv.includes('--json');
  const cancel = new AbortController();
  // Every call in flight listens; hundreds at once are no leak.
  setMaxListeners(0, cancel.signal);
  const stopNow = new AbortController();
  onSignals(cancel, stopNow);
  try {
    const { verb, common, given } = readCommandLine(argv);
    json = common.json;
    if (common.version) return await print(await ownVersion(distFolder));
    if (common.help || !verb) return await print(helpText(verb));
    const { text, why, code } = await runVerb(verb, common, given, { signal: cancel.signal, stopNow: stopNow.signal });
    if (text !== undefined) await print(text);
    if (why !== undefined) process.stderr.write(`longhand: ${terminalText(why)}\n`);
    return code;
  } catch (thrown) {
    const error = explainDiskFull(thrown);
    const shown = describeError(error, cancel.signal.aborted);
    // After a message that ends with lines of a log, the advice has a line of its own.
    const between = shown.message.endsWith('\n') ? '' : ' ';
    const sentence = `longhand: ${shown.message}${shown.advice === undefined ? '' : between + shown.advice}\n`;
    process.stderr.write(terminalText(sentence));
    if (process.env.LONGHAND_DEBUG && error instanceof Error)
      process.stderr.write(`${terminalText(error.stack ?? '')}\n`);
    if (json) await print(terminalJson(JSON.stringify({ error: shown })));
    if (cancel.signal.aborted) return EXIT.cancelled;
    if (error instanceof VerbError) return error.exitCode;
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

interface Outcome {
  /** What to print; undefined when rows are on stdout, and the result is on stderr. */
  text: string | undefined;
  /** Why the exit code is not 0. */
  why: string | undefined;
  code: number;
}

/** Runs a verb. */
async function runVerb<V extends VerbName>(
  verb: V,
  common: CommonFlags,
  given: Record<string, unknown>,
  signals: Pick<VerbContext, 'signal' | 'stopNow'>,
): Promise<Outcome> {
  const args: VerbArgs<V> = checkArgs(verb, common.argsJson === undefined ? given : await readArgs(common.argsJson));
  const status = new StatusLine(common.progress ?? (process.stderr.isTTY ? 'text' : 'none'));
  let rowsOnStdout = false;
  let why: string | undefined;
  let code: number = EXIT.done;
  const context: VerbContext = {
    ...signals,
    progress: (progress) => status.show(progress),
    log: (words) => status.log(words),
    distFolder,
    mediaFolder: join(distFolder, '..', 'media'),
    env: process.env,
    input: () => {
      if (common.argsJson === '-') throw new UsageError('Stdin holds the arguments; name a file instead of “-”.', verb);
      return process.stdin;
    },
    rows: () => {
      rowsOnStdout = true;
      return process.stdout;
    },
    endsBadly: (words, exitCode = EXIT.failed) => {
      why = words;
      code = exitCode;
    },
  };
  const body = await loadVerb(verb);
  try {
    const result = await body.run(args, context);
    const shown = common.json ? terminalJson(JSON.stringify(result)) : terminalText(body.print(result));
    if (!rowsOnStdout) return { text: shown, why, code };
    status.log(shown);
    return { text: undefined, why, code };
  } finally {
    status.clear();
  }
}

/** Arguments as one JSON object: `-` is stdin, which the list of processes does not show. */
async function readArgs(argsJson: string): Promise<unknown> {
  const written = argsJson === '-' ? await text(process.stdin) : argsJson;
  try {
    return JSON.parse(written);
  } catch {
    throw new UsageError('--args-json is not valid JSON.');
  }
}

/** Progress on stderr: JSON lines for a program, one line that is written over for a person. */
class StatusLine {
  readonly #how: 'json' | 'text' | 'none';
  #shown = false;

  constructor(how: 'json' | 'text' | 'none') {
    this.#how = how;
  }

  show(progress: VerbProgress): void {
    if (this.#how === 'json') process.stderr.write(`${terminalJson(JSON.stringify(progress))}\n`);
    if (this.#how !== 'text') return;
    const { done, total, unit, message } = progress;
    const share = total ? `${Math.floor((100 * done) / total)} %` : formatProgress(done, unit);
    this.#shown = true;
    process.stderr.write(`\r\u001b[2K${share}${message === undefined ? '' : `  ${terminalText(message)}`}`);
  }

  log(words: string): void {
    this.clear();
    process.stderr.write(`${terminalText(words)}\n`);
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\u001b[2K');
    this.#shown = false;
  }
}

/** Milliseconds after the second signal in which a verb can write its state and release its locks. */
const CUT_LIMIT_MS = 5_000;

/** The first signal lets the verb and its calls in flight end. The second ends the calls at once, the third the process. */
function onSignals(cancel: AbortController, stopNow: AbortController): void {
  const exit = (): void => process.exit(EXIT.cancelled);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopNow.signal.aborted) exit();
      if (!cancel.signal.aborted) return cancel.abort();
      stopNow.abort();
      setTimeout(exit, CUT_LIMIT_MS).unref();
    });
  }
}

interface ShownError {
  /** What a program can tell failures apart by: the kind of a UserError, `arguments`, `cancelled`, or else the error's name. */
  kind: string;
  message: string;
  advice?: string;
}

function describeError(error: unknown, cancelled: boolean): ShownError {
  const advice = adviceOf(error);
  if (cancelled && advice === undefined) return { kind: 'cancelled', message: 'Cancelled.' };
  if (error instanceof z.ZodError) {
    const issues = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    return { kind: 'arguments', message: `${issues.join('; ')}.` };
  }
  if (!(error instanceof Error)) return { kind: 'Error', message: String(error) };
  const kind = error instanceof UserError ? error.kind : error.name;
  return { kind, message: error.message, ...(advice === undefined ? {} : { advice }) };
}

/** Resolves when a slow reader has everything: an earlier exit would truncate the result. */
function print(words: string): Promise<number> {
  return new Promise((resolve) => {
    process.stdout.write(words.endsWith('\n') ? words : `${words}\n`, () => resolve(EXIT.done));
  });
}

// A reader that has closed stdout, such as head, needs no more output.
process.stdout.on('error', () => process.exit(EXIT.failed));

void main(process.argv.slice(2)).then((code) => process.exit(code));
