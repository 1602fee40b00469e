import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { FRAME_MARK } from '../core/jobs/log-frames.ts';
import type { RunAttempt } from '../core/model/index.ts';
import { type Engine, EngineError } from '../engines/engine.ts';
import { attemptFolder, LOG_FILE } from '../store/runs.ts';

/** Bytes of the end of a log that are looked at. */
const LOG_END = 256 * 1024;
/** A remote log that says nothing for so long has said all there is for now. */
const QUIET_MS = 1_500;

/** The end of a log, and all lines of progress that stand anywhere in it. */
export interface LogRead {
  end: string;
  frames: string;
}

/** What was read of a remote log so far, for the next look; begins empty. */
export interface LogSeen {
  log?: LogRead & { attempt: number; offset: number; line: string };
}

/** The log of an attempt as it is now, without waiting for more; `whole` where it was read to the end that its engine gives it. */
export async function readLog(
  { handle }: RunAttempt,
  dataset: string,
  engine: Engine,
  signal: AbortSignal,
  seen: LogSeen,
): Promise<LogRead & { whole: boolean }> {
  if (handle.engine === 'local') {
    const end = await endOfFile(join(attemptFolder(dataset, handle.runId, handle.attempt), LOG_FILE));
    return { end, frames: end, whole: true };
  }
  const enough = new AbortController();
  const quiet = setTimeout(() => enough.abort(), QUIET_MS);
  const { attempt } = handle;
  if (seen.log?.attempt !== attempt) seen.log = { attempt, end: '', frames: '', offset: 0, line: '' };
  const read = seen.log;
  let whole = false;
  try {
    for await (const { text, offset } of engine.tail(handle, read.offset, AbortSignal.any([signal, enough.signal]))) {
      read.offset = offset;
      read.end = (read.end + text).slice(-LOG_END);
      const lines = `${read.line}${text}`.split('\n');
      read.line = lines.pop() ?? '';
      for (const one of lines) if (one.includes(FRAME_MARK)) read.frames += `${one}\n`;
      quiet.refresh();
    }
    whole = !enough.signal.aborted;
  } catch (error) {
    signal.throwIfAborted();
    if (!enough.signal.aborted && !(error instanceof EngineError)) throw error;
  } finally {
    clearTimeout(quiet);
  }
  return { end: read.end, frames: `${read.frames}${read.line}`, whole };
}

async function endOfFile(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, LOG_END));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
