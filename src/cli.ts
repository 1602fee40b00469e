import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { VerbArgs, VerbName, VerbProgress, VerbResult } from './protocol/verbs.ts';
import { type CommonFlags, checkArgs, helpText, readCommandLine } from './verbs/flags.ts';
import { type Verb, type VerbContext, verbs } from './verbs/index.ts';
import { ownVersion } from './verbs/own-version.ts';
import { UsageError } from './verbs/usage-error.ts';

const EXIT = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const;

/** The folder of `cli.mjs`. */
const distFolder = import.meta.dirname;

async function main(argv: readonly string[]): Promise<number> {
  // A wrong command line has no flags to ask; whoever wrote --json still reads JSON.
  let json = argv.includes('--json');
  const cancel = new AbortController();
  // Every call in flight listens; hundreds at once are no leak.
  setMaxListeners(0, cancel.signal);
  onSignals(cancel);
  try {
    const { verb, common, given } = readCommandLine(argv);
    json = common.json;
    if (common.version) return await print(await ownVersion(distFolder));
    if (common.help || !verb) return await print(helpText(verb));
    const { said, why } = await runVerb(verb, common, given, cancel.signal);
    if (said !== undefined) await print(said);
    if (why !== undefined) process.stderr.write(`longhand: ${why}\n`);
    return why === undefined ? EXIT.done : EXIT.failed;
  } catch (error) {
    const said = inWords(error, cancel.signal.aborted);
    // What ends with lines of a log leaves the advice a line of its own.
    const between = said.message.endsWith('\n') ? '' : ' ';
    process.stderr.write(`longhand: ${said.message}${said.advice === undefined ? '' : between + said.advice}\n`);
    if (process.env.LONGHAND_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    if (json) await print(JSON.stringify({ error: said }));
    if (cancel.signal.aborted) return EXIT.cancelled;
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

interface Told {
  /** What is to be printed; undefined when rows are on stdout, and the result was told on stderr. */
  said: string | undefined;
  /** Why what the verb stayed with ended badly. */
  why: string | undefined;
}

/** Runs a verb. */
async function runVerb<V extends VerbName>(
  verb: V,
  common: CommonFlags,
  given: Record<string, unknown>,
  signal: AbortSignal,
): Promise<Told> {
  const args: VerbArgs<V> = checkArgs(verb, common.argsJson === undefined ? given : await readArgs(common.argsJson));
  const status = new StatusLine(common.progress ?? (process.stderr.isTTY ? 'text' : 'none'));
  let rowsOnStdout = false;
  let why: string | undefined;
  const context: VerbContext = {
    signal,
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
    endsBadly: (words) => {
      why = words;
    },
  };
  const run = (await verbs[verb]()) as Verb<V>;
  try {
    const result = await run(args, context);
    const said = common.json ? JSON.stringify(result) : await inWordsOf(verb, result);
    if (!rowsOnStdout) return { said, why };
    status.log(said);
    return { said: undefined, why };
  } finally {
    status.clear();
  }
}

async function inWordsOf<V extends VerbName>(verb: V, result: VerbResult<V>): Promise<string> {
  const { WORDS } = await import('./verbs/words.ts');
  const words = WORDS[verb] as (result: VerbResult<V>) => string;
  return words(result);
}

/** Arguments as one JSON object: `-` is stdin, where nobody sees them in the list of processes. */
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
    if (this.#how === 'json') process.stderr.write(`${JSON.stringify(progress)}\n`);
    if (this.#how !== 'text') return;
    const { done, total, unit, message } = progress;
    const share = total ? `${Math.floor((100 * done) / total)} %` : `${done} ${unit}`;
    this.#shown = true;
    process.stderr.write(`\r\u001b[2K${share}${message === undefined ? '' : `  ${message}`}`);
  }

  log(words: string): void {
    this.clear();
    process.stderr.write(`${words}\n`);
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\u001b[2K');
    this.#shown = false;
  }
}

/** The first signal lets the verb end in order; a second one does not wait for it. */
function onSignals(cancel: AbortController): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (cancel.signal.aborted) process.exit(EXIT.cancelled);
      cancel.abort();
    });
  }
}

interface Said {
  name: string;
  message: string;
  advice?: string;
}

function inWords(error: unknown, cancelled: boolean): Said {
  const advice =
    error instanceof Error && 'advice' in error && typeof error.advice === 'string' ? error.advice : undefined;
  if (cancelled && advice === undefined) return { name: 'Cancelled', message: 'Cancelled.' };
  if (error instanceof z.ZodError) {
    const issues = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    return { name: 'ZodError', message: `${issues.join('; ')}.` };
  }
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  return { name: error.name, message: error.message, ...(advice === undefined ? {} : { advice }) };
}

/** Resolves when a slow reader has everything: an exit before would cut the result off. */
function print(words: string): Promise<number> {
  return new Promise((resolve) => {
    process.stdout.write(words.endsWith('\n') ? words : `${words}\n`, () => resolve(EXIT.done));
  });
}

// node:sqlite says on stderr that it is experimental; other warnings may be read.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`);
});
// A reader that went away, such as head, wants nothing more.
process.stdout.on('error', () => process.exit(EXIT.failed));

void main(process.argv.slice(2)).then((code) => process.exit(code));
