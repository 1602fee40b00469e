import { setTimeout as sleep } from 'node:timers/promises';
import type { JobStatus } from '../../core/model/index.ts';
import { EngineError, type LogPart } from '../engine.ts';
import { Logs } from './answers.ts';
import type { RayHttp } from './http.ts';
import { socketTexts } from './socket.ts';

const WAITS_MS = [250, 500, 1000, 2000, 5000];
/** Before the job's last words are given up. */
const FINAL_TRIES = 4;
/** A socket that brought nothing for so long may be dead on the other side: it is opened again. */
const SILENT_MS = 60_000;

export interface TailOptions {
  /** Of the logs of the job, without `/tail`. */
  path: string;
  offset: number;
  status: () => Promise<JobStatus>;
  signal: AbortSignal;
}

/**
 * The log of a job from `offset` on, until the job is over. Each connection brings the log from its beginning: what was seen is left out by its length. The
 * socket may end, or fall silent, while the job runs; the status alone says when it is over, and then the whole log is asked for once.
 * @throws EngineError `denied`; what cannot be reached is tried again, but for the last part of a job that is over, a few times only.
 */
export async function* tailLog(http: RayHttp, { path, offset, status, signal }: TailOptions): AsyncGenerator<LogPart> {
  let seen = offset;
  for (let failures = 0; !signal.aborted; ) {
    const before = seen;
    const over = await isOver(status, signal);
    if (over === 'lost') return;
    if (over === 'over') return yield* lastPart(http, path, seen, signal);
    if (over === 'running') {
      let skip = seen;
      for await (const text of socketTexts(http, `${path}/tail`, { signal, silentMs: SILENT_MS })) {
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

async function isOver(
  status: () => Promise<JobStatus>,
  signal: AbortSignal,
): Promise<'over' | 'lost' | 'running' | 'unknown'> {
  try {
    const { state } = await status();
    if (state === 'lost') return state;
    return state === 'pending' || state === 'running' ? 'running' : 'over';
  } catch (error) {
    if (signal.aborted || (error instanceof EngineError && error.kind === 'unreachable')) return 'unknown';
    throw error;
  }
}

/**
 * Ray answers with a failure when the job's node is gone, or when the log is no UTF-8; what came before is then all there is.
 * @throws EngineError where there may be more that can't be had now.
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
        throw new EngineError(error.kind, `The end of the job's log can't be had: ${error.message}`, error.advice);
      }
    }
    await sleep(WAITS_MS[tries], undefined, { signal }).catch(() => {});
  }
}
