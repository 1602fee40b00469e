import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../store/files.ts';
import type { LogPart } from './engine.ts';
import { completeUtf8 } from './utf8.ts';

const CHUNK = 256 * 1024;
const POLL_MS = 200;

export interface FollowOptions {
  /** Milliseconds between looks at a log that did not grow. */
  pollMs?: number;
}

/** A log that grows, wherever it lies. */
export interface LogSource {
  /** Bytes from a place on, at most about a megabyte; none at the end, or where there is no log yet. */
  read(position: number): Promise<Uint8Array>;
  /** Whether nothing comes any more. */
  isDone(): Promise<boolean>;
}

/**
 * The text of a log from `offset` on, until it is done and read to its end, or `signal` fires. No part ends inside of a character,
 * but the last of a log that does.
 * @param offset bytes; one that was given by an earlier part.
 */
export async function* followLog(
  source: LogSource,
  offset: number,
  signal: AbortSignal,
  { pollMs = POLL_MS }: FollowOptions = {},
): AsyncGenerator<LogPart> {
  for (let position = offset, last = false; !signal.aborted; ) {
    const read = Buffer.from(await source.read(position));
    const whole = completeUtf8(read);
    // What the log ends with is no beginning of a character once nothing follows.
    const bytes = last && whole === 0 ? read : read.subarray(0, whole);
    position += bytes.length;
    if (bytes.length > 0) yield { text: bytes.toString('utf8'), offset: position };
    else if (last) return;
    else if (await source.isDone()) last = true;
    else await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}

/** As `followLog`, of a file that may not be there yet. */
export async function* followFile(
  path: string,
  offset: number,
  isDone: () => Promise<boolean>,
  signal: AbortSignal,
  options: FollowOptions = {},
): AsyncGenerator<LogPart> {
  const chunk = Buffer.alloc(CHUNK);
  let file: FileHandle | undefined;
  const read = async (position: number): Promise<Uint8Array> => {
    file ??= await openIfThere(path);
    if (!file) return chunk.subarray(0, 0);
    const { bytesRead } = await file.read(chunk, 0, CHUNK, position);
    return chunk.subarray(0, bytesRead);
  };
  try {
    yield* followLog({ read, isDone }, offset, signal, options);
  } finally {
    await file?.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
