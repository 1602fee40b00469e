import { keepLast } from '../keep-last.ts';

/** The words of a text between white space, without their texts, which would take most of the time. */
export interface WordHashes {
  /** A hash of each word in lower case. */
  hashes: Int32Array;
  /** Place of each word in the text, `[start, end)` in UTF-16 code units of the text in lower case. */
  starts: Int32Array;
  ends: Int32Array;
}

const isSpace = (unit: number): boolean =>
  unit === 32 || (unit >= 9 && unit <= 13) || (unit >= 0xa0 && /\s/.test(String.fromCharCode(unit)));

/** The words of a text. Different words have the same hash with probability 2⁻³². */
export const wordHashes: (text: string) => WordHashes = keepLast(hashWords);

function hashWords(text: string): WordHashes {
  const lower = text.toLowerCase();
  const most = (lower.length >> 1) + 1;
  const [hashes, starts, ends] = [new Int32Array(most), new Int32Array(most), new Int32Array(most)];
  let count = 0;
  for (let i = 0; i < lower.length; ) {
    let unit = lower.charCodeAt(i);
    if (isSpace(unit)) {
      i += 1;
      continue;
    }
    starts[count] = i;
    let hash = 0x811c9dc5 | 0;
    do {
      hash = Math.imul(hash ^ unit, 0x01000193);
      hash ^= hash >>> 13;
      i += 1;
      unit = i < lower.length ? lower.charCodeAt(i) : 32;
    } while (!isSpace(unit));
    hashes[count] = Math.imul(hash, 0x5bd1e995);
    ends[count] = i;
    count += 1;
  }
  return { hashes: hashes.subarray(0, count), starts: starts.subarray(0, count), ends: ends.subarray(0, count) };
}
