import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { GradingPool } from '../grading/pool.ts';
import type { VerbArgs, VerbResult } from '../protocol/verbs.ts';
import { errorCode, type LineRead, readLines, readLinesOf } from '../store/files.ts';
import { type Verb, type VerbContext, VerbError } from './context.ts';
import { policyOf, RowGrader } from './grade-rows.ts';
import { fileSink, type RowSink, streamSink } from './row-sink.ts';

const EVERY_MS = 100;
/** Rows in flight for each worker: enough that none waits while a slow row holds up the order of the output. */
const WINDOW = 64;
/** Longer lines, in bytes, come out as errors. */
const MAX_LINE = 64 * 1024 * 1024;

export const grade: Verb<'grade'> = async (args, context) => {
  const policy = policyOf(args.policy);
  if (typeof policy === 'string') throw new VerbError(policy, 'docs/grading.md shows what each does.');
  const workers = args.workers ?? availableParallelism();
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.cjs'), workers });
  const { goldKey, predictionKey } = args;
  const grader = new RowGrader(pool, { goldKey, predictionKey, policy, signal: context.signal });
  const began = performance.now();
  const lines = await open(args.file, context);
  const sink = args.out === undefined ? streamSink(context.rows()) : await fileSink(args.out);
  try {
    await pump(lines, grader, sink, workers * WINDOW, context);
    await sink.finish();
  } catch (error) {
    await sink.abort();
    throw error;
  } finally {
    await pool.close();
  }
  return summary(grader, args, workers, (performance.now() - began) / 1000);
};

interface Lines {
  readonly lines: AsyncIterable<LineRead>;
  /** Bytes, where it is known. */
  readonly size: number | undefined;
}

async function open(file: string, { signal, input }: VerbContext): Promise<Lines> {
  // A stream that nobody writes to would not notice the cancelling.
  const streamed = (stream: Readable): Lines => ({
    lines: readLinesOf(addAbortSignal(signal, stream), { signal, maxLine: MAX_LINE }),
    size: undefined,
  });
  if (file === '-') return streamed(input());
  const there = await stat(file).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new VerbError(`There is no file ${file}.`, 'Give the path of a JSONL file, or “-” for stdin.');
  });
  if (there.isDirectory()) throw new VerbError(`${file} is a folder.`, 'Give the path of a JSONL file.');
  // A pipe can only be read from where it stands.
  if (!there.isFile()) return streamed(createReadStream(file));
  return { lines: readLines(file, { signal, maxLine: MAX_LINE }), size: there.size };
}

/** Grades many rows at once and writes each as soon as those before it are written; reads no further than `window` rows ahead. */
async function pump(
  { lines, size }: Lines,
  grader: RowGrader,
  sink: RowSink,
  window: number,
  { signal, progress }: VerbContext,
): Promise<void> {
  const waiting: Promise<void>[] = [];
  let last = Promise.resolve();
  let shown = performance.now();
  for await (const line of lines) {
    signal.throwIfAborted();
    const graded = grader.grade(line);
    last = last.then(async () => sink.write(await graded));
    // Behind a row that fails, nobody waits for these.
    for (const promise of [graded, last]) promise.catch(() => undefined);
    waiting.push(last);
    if (waiting.length >= window) await waiting.shift();
    if (performance.now() - shown < EVERY_MS) continue;
    shown = performance.now();
    const message = `${grader.rows} rows, ${grader.outcomes.correct ?? 0} correct`;
    if (size === undefined) progress({ done: grader.rows, unit: 'rows', message });
    else progress({ done: Math.min(line.offset + line.length, size), total: size, unit: 'bytes', message });
  }
  await last;
}

function summary(grader: RowGrader, { out }: VerbArgs<'grade'>, workers: number, seconds: number): VerbResult<'grade'> {
  const { rows, outcomes, methods, policies, msTotal, msMax } = grader;
  return {
    rows,
    outcomes,
    methods,
    policies,
    ...(out === undefined ? {} : { out }),
    workers,
    seconds,
    ms: { mean: msTotal / Math.max(1, rows), max: msMax },
  };
}
