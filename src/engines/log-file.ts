import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { openIfExists } from '../system/regular-file.ts';
import type { LogPart } from './engine.ts';

const CHUNK = 256 * 1024;
const POLL_MS = 200;

export interface FollowOptions {
  /** Milliseconds between reads of a log that did not grow. */
  pollMs?: number;
}

/** A growing log. */
export interface LogSource {
  /** At most about a megabyte from `position`; empty at the end or before the log exists. */
  read(position: number): Promise<Uint8Array>;
  /** Whether the log is complete. */
  isDone(): Promise<boolean>;
}

/**
 * The text of a log from `offset` until it is complete and read, or `signal` fires. Parts end between characters.
 * @param offset in bytes, from an earlier part.
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
    // At the very end, a truncated character is passed on as it is.
    const bytes = last && whole === 0 ? read : read.subarray(0, whole);
    position += bytes.length;
    if (bytes.length > 0) yield { text: bytes.toString('utf8'), offset: position };
    else if (last) return;
    else if (await source.isDone()) last = true;
    else await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}

/** As `followLog`, for a file that may not exist yet. */
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
    file ??= await openIfExists(path);
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

/** How many of these UTF-8 bytes form whole characters, without one that is truncated at the end. */
export function completeUtf8(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    return lengthOf(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Bytes of a character by its first byte; 1 for an invalid one. */
function lengthOf(byte: number): number {
  if (byte >= 0xf0 && byte <= 0xf4) return 4;
  if (byte >= 0xe0 && byte < 0xf0) return 3;
  return byte >= 0xc2 && byte < 0xe0 ? 2 : 1;
}
