import { join } from 'node:path';
import type { RunAttempt } from '../../core/schemas/index.ts';
import { FRAME_MARK } from '../../core/training/log-frames.ts';
import { type Engine, EngineError } from '../../engines/engine.ts';
import { attemptFolder, LOG_FILE } from '../../store/runs.ts';
import { readEnd } from '../../system/regular-file.ts';

/** Bytes read at the end of a log. */
const LOG_END = 256 * 1024;
/** Silence after which a remote log counts as read for now. */
const QUIET_MS = 1_500;

/** The end of a log, and all progress lines in it. */
export interface LogRead {
  end: string;
  frames: string;
}

/** The read part of a remote log, for the next call; initially empty. */
export interface LogSeen {
  log?: LogRead & { attempt: number; offset: number; line: string };
}

/** The current log of an attempt; `whole` if it was read to its end. */
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
  return (await readEnd(path, LOG_END)).toString('utf8');
}
