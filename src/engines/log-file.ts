import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../store/files.ts';
import type { LogPart } from './engine.ts';
import { completeUtf8 } from './utf8.ts';

const CHUNK = 256 * 1024;
const POLL_MS = 200;

/**
 * The text of a file that grows, from `offset` on, until `isDone` says that nothing comes any more, or `signal` fires. No part ends
 * inside of a character, but the last of a file that does.
 * @param offset bytes; one that was given by an earlier part.
 */
export async function* followFile(
  path: string,
  offset: number,
  isDone: () => Promise<boolean>,
  signal: AbortSignal,
): AsyncGenerator<LogPart> {
  const file = await openWhenThere(path, isDone, signal);
  if (!file) return;
  try {
    const chunk = Buffer.alloc(CHUNK);
    for (let position = offset, last = false; !signal.aborted; ) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK, position);
      const read = chunk.subarray(0, bytesRead);
      const bytes = last && bytesRead < CHUNK ? read : read.subarray(0, completeUtf8(read));
      position += bytes.length;
      if (bytes.length > 0) yield { text: bytes.toString('utf8'), offset: position };
      else if (last) return;
      else if (await isDone()) last = true;
      else await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    await file.close();
  }
}

async function openWhenThere(
  path: string,
  isDone: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<FileHandle | undefined> {
  for (let last = false; !signal.aborted; ) {
    try {
      return await open(path, 'r');
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    if (last) return undefined;
    if (await isDone()) last = true;
    else await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return undefined;
}
