import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { JobStatus } from '../../core/schemas/index.ts';
import { EngineError, type LogPart } from '../engine.ts';
import { Logs } from './answers.ts';
import type { RayHttp } from './http.ts';

const WAITS_MS = [250, 500, 1000, 2000, 5000];
/** For the rest of the log after the job has ended. */
const FINAL_TRIES = 4;
/** A socket that is silent for so long may be dead, and is reopened. */
const SILENT_MS = 60_000;
const HANDSHAKE_MS = 30_000;
/** In bytes; Ray sends several lines at a time, and a line may be long. */
const LARGEST_MESSAGE = 64 * 1024 * 1024;
/** Queued texts at which the socket is paused. */
const MOST_WAITING = 64;

export interface TailOptions {
  /** URL path of the job's logs, without `/tail`. */
  path: string;
  offset: number;
  status: () => Promise<JobStatus>;
  signal: AbortSignal;
}

/**
 * The log of a job from `offset` until the job ends. Each connection sends the log from its beginning, so the known part is skipped. The socket may end or
 * fall silent while the job runs. Only the status shows that the job has ended, and then the whole log is requested once.
 * @throws EngineError `denied`. An unreachable dashboard is tried again, for the rest of an ended job only a few times.
 */
export async function* tailLog(http: RayHttp, { path, offset, status, signal }: TailOptions): AsyncGenerator<LogPart> {
  let seen = offset;
  for (let failures = 0; !signal.aborted; ) {
    const before = seen;
    const state = await simpleState(status, signal);
    if (state === 'lost') return;
    if (state === 'ended') return yield* lastPart(http, path, seen, signal);
    if (state === 'running') {
      let skip = seen;
      for await (const text of socketTexts(http, `${path}/tail`, signal)) {
        const bytes = Buffer.from(text);
        const fresh = bytes.subarray(Math.min(skip, bytes.length));
        skip -= Math.min(skip, bytes.length);
        if (fresh.length === 0) continue;
        seen += fresh.length;
        yield { text: fresh.toString('utf8'), offset: seen };
      }
    }
    failures = seen > before ? 0 : failures + 1;
    await sleep(WAITS_MS[Math.min(failures, WAITS_MS.length - 1)], undefined, { signal }).catch(() => {});
  }
}

async function simpleState(
  status: () => Promise<JobStatus>,
  signal: AbortSignal,
): Promise<'ended' | 'lost' | 'running' | 'unknown'> {
  try {
    const { state } = await status();
    if (state === 'lost') return state;
    return state === 'pending' || state === 'running' ? 'running' : 'ended';
  } catch (error) {
    if (signal.aborted || (error instanceof EngineError && error.kind === 'unreachable')) return 'unknown';
    throw error;
  }
}

/**
 * The rest of the log of an ended job. Ray answers with a failure when the job's node is gone or the log is not UTF-8; then nothing more comes.
 * @throws EngineError when the rest can't be reached.
 */
async function* lastPart(http: RayHttp, path: string, seen: number, signal: AbortSignal): AsyncGenerator<LogPart> {
  for (let tries = 1; !signal.aborted; tries++) {
    try {
      const answer = await http.ask(path, signal);
      if (answer.status === 200) {
        const bytes = Buffer.from(http.parse(answer, Logs).logs);
        if (bytes.length > seen) yield { text: bytes.subarray(seen).toString('utf8'), offset: bytes.length };
        return;
      }
      if (tries === FINAL_TRIES) return;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof EngineError)) throw error;
      if (tries === FINAL_TRIES) {
        throw new EngineError(error.kind, `Can't read the end of the job's log: ${error.message}`, error.advice);
      }
    }
    await sleep(WAITS_MS[tries], undefined, { signal }).catch(() => {});
  }
}

/** The texts of a socket until it ends, is silent for SILENT_MS, or `signal` fires. Why it ended does not matter: the job's status decides what is next. */
async function* socketTexts(http: RayHttp, path: string, signal: AbortSignal): AsyncGenerator<string> {
  const socket = new WebSocket(http.socket(path), {
    headers: http.headers,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: LARGEST_MESSAGE,
    perMessageDeflate: false,
  });
  const waiting: string[] = [];
  let ended = false;
  let wake = (): void => {};
  const end = (): void => {
    ended = true;
    wake();
  };
  let silence = setTimeout(end, SILENT_MS + HANDSHAKE_MS);
  socket.on('message', (data) => {
    clearTimeout(silence);
    silence = setTimeout(end, SILENT_MS);
    waiting.push(String(data));
    if (waiting.length >= MOST_WAITING) socket.pause();
    wake();
  });
  socket.on('close', end);
  // 'close' follows.
  socket.on('error', () => {});
  signal.addEventListener('abort', end, { once: true });
  try {
    for (;;) {
      const text = waiting.shift();
      if (text !== undefined) {
        if (socket.isPaused && waiting.length < MOST_WAITING / 2) socket.resume();
        yield text;
      } else if (ended || signal.aborted) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', end);
    socket.terminate();
  }
}
