import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { isRow, type Row } from '../../core/dataset/values.ts';
import { errorCode, type LineRead, readLines, readLinesOf } from '../../store/lines/files.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { fileSink, parseExactly, type RowSink, streamSink } from './sink.ts';

const EVERY_MS = 100;
/** Longer lines, in bytes, come out as errors. */
const MAX_LINE = 64 * 1024 * 1024;

/** What a verb does with each row of a file. */
export interface RowWork {
  /** The row with what was added, as a line of JSONL. Rejects only when nothing more can be done. */
  take(line: LineRead): Promise<string>;
  /** Rows that are done, and a word on what came of them. */
  progress(): { rows: number; message: string };
}

export interface RowStream {
  /** A path, or `-` for stdin. */
  file: string;
  /** Stdout when absent. */
  out: string | undefined;
  /** Most rows processed together; no more are read ahead. */
  window: number;
}

/** Reads rows of JSONL, processes many together and writes each in order, so memory is bounded for files of any length. */
export async function streamRows(stream: RowStream, work: RowWork, context: VerbContext): Promise<void> {
  const lines = await open(stream.file, context);
  const sink = stream.out === undefined ? streamSink(context.rows()) : await fileSink(stream.out);
  try {
    await pump(lines, work, sink, stream.window, context);
    await sink.finish();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

interface Lines {
  readonly lines: AsyncIterable<LineRead>;
  /** Bytes, where it is known. */
  readonly size: number | undefined;
}

async function open(file: string, { signal, input }: VerbContext): Promise<Lines> {
  // A stream without writes would not notice that it is cancelled.
  const streamed = (stream: Readable): Lines => ({
    lines: readLinesOf(addAbortSignal(signal, stream), { signal, maxLine: MAX_LINE }),
    size: undefined,
  });
  if (file === '-') return streamed(input());
  const there = await stat(file).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new VerbError(`There is no file ${file}.`, 'Give the path of a JSONL file, or “-” for stdin.');
  });
  // A pipe that the user named, such as <(zcat rows.jsonl.gz), is read like stdin; everything else is a regular file or refused.
  if (there.isFIFO()) return streamed(createReadStream(file));
  return { lines: readLines(file, { signal, maxLine: MAX_LINE }), size: there.size };
}

async function pump(
  { lines, size }: Lines,
  work: RowWork,
  sink: RowSink,
  window: number,
  { signal, progress }: VerbContext,
): Promise<void> {
  const waiting: Promise<void>[] = [];
  let last = Promise.resolve();
  let shown = performance.now();
  for await (const line of lines) {
    signal.throwIfAborted();
    const done = work.take(line);
    last = last.then(async () => sink.write(await done));
    // After a row that fails, these are awaited no more.
    for (const promise of [done, last]) promise.catch(() => undefined);
    waiting.push(last);
    if (waiting.length >= window) await waiting.shift();
    if (performance.now() - shown < EVERY_MS) continue;
    shown = performance.now();
    const { rows, message } = work.progress();
    if (size === undefined) progress({ done: rows, unit: 'rows', message });
    else progress({ done: Math.min(line.offset, size), total: size, unit: 'bytes', message });
  }
  await last;
}

/** The row of a line, or its replacement and the reason. */
export function rowOf(line: LineRead): { text: string; row: Row } | { row: Row; reason: string } {
  if ('error' in line) return { row: { line: line.line }, reason: sentence(line.error) };
  const row = parseExactly(line.text);
  if (isRow(row)) return { text: line.text, row };
  return { row: { line: line.line, row }, reason: 'The line is not a JSON object.' };
}

/** The row as it was written, with `added` at its end, as a line; only a row that has one of these already is rewritten. */
export function extendedRow(text: string, row: Row, added: Record<string, unknown>): string {
  const tail = JSON.stringify(added);
  const names = Object.keys(added);
  const again = names.some((key) => Object.hasOwn(row, key));
  const kept = again ? JSON.stringify(without(row, names)) : text.trim();
  const empty = Object.keys(row).length === 0 || kept === '{}';
  return `${empty ? '{' : `${kept.slice(0, -1)},`}${tail.slice(1)}\n`;
}

function without(row: Row, keys: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([key]) => !keys.includes(key)));
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;
}
