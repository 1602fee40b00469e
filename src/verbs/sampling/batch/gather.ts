import { setTimeout as sleep } from 'node:timers/promises';
import type { JobHandle, JobStatus } from '../../../core/schemas/index.ts';
import { LogSplitter, PieceLines } from '../../../core/training/log-frames.ts';
import type { Engine } from '../../../engines/engine.ts';
import { errorCode } from '../../../store/lines/files.ts';
import { openRegular } from '../../../system/regular-file.ts';

const POLL_MS = 1_000;
const KEPT_CHARACTERS = 2_000;

export interface Gathered {
  status: JobStatus;
  /** The end of the job's output besides its results. */
  log: string;
  /** Whether all results that the job wrote were read: it reported so, or its file was read to the end. */
  whole: boolean;
}

export interface GatherOptions {
  engine: Engine;
  handle: JobHandle;
  /** Where the job writes its results, when this machine sees it; else they are in its log. */
  file?: string | undefined;
  onLine: (line: string) => Promise<void>;
  signal: AbortSignal;
}

/** All result lines of a job from its beginning, as they come, until it ends. @throws EngineError; the signal's reason. */
export async function gather(options: GatherOptions): Promise<Gathered> {
  const read = options.file === undefined ? await fromLog(options) : await fromFile(options, options.file);
  options.signal.throwIfAborted();
  return { status: await options.engine.status(options.handle, options.signal), ...read };
}

type Read = Omit<Gathered, 'status'>;

async function fromLog({ engine, handle, onLine, signal }: GatherOptions): Promise<Read> {
  const splitter = new LogSplitter();
  const results = new PieceLines();
  let log = '';
  let ended = false;
  for await (const { text } of engine.tail(handle, 0, signal)) {
    for (const item of splitter.push(text)) {
      if (item.kind === 'text') log = (log + item.text).slice(-KEPT_CHARACTERS);
      if (item.kind === 'progress') ended ||= item.line.event === 'end' || item.line.event === 'error';
      if (item.kind === 'progress' && item.line.event === 'error') log += `\n${item.line.message ?? ''}\n`;
      if (item.kind !== 'piece') continue;
      for (const line of results.push(item.piece)) await onLine(line);
    }
  }
  return { log, whole: ended && !results.gap };
}

async function fromFile({ engine, handle, onLine, signal }: GatherOptions, path: string): Promise<Read> {
  const results = new PieceLines();
  let at = 0;
  for (let last = false; ; ) {
    const text = await textFrom(path, at);
    for (const line of results.push({ at, text })) await onLine(line);
    at += Buffer.byteLength(text, 'latin1');
    // A read is one piece of the file: at the end there may be many more.
    if (text !== '') continue;
    if (last) break;
    const { state } = await engine.status(handle, signal);
    last = state !== 'pending' && state !== 'running';
    if (!last) await sleep(POLL_MS, undefined, { signal });
  }
  let log = '';
  for await (const part of engine.tail(handle, 0, signal)) log = (log + part.text).slice(-KEPT_CHARACTERS);
  return { log, whole: true };
}

/** The content of a file from a byte on, empty when it does not exist. Results are ASCII, so characters are not split. */
async function textFrom(path: string, at: number): Promise<string> {
  try {
    const file = await openRegular(path);
    try {
      const size = Math.max(0, (await file.stat()).size - at);
      const bytes = Buffer.alloc(Math.min(size, 64 * 1024 * 1024));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
      return bytes.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}
