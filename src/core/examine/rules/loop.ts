import { repetition } from '../../filters/repetition.ts';
import { wordHashes } from '../../text/word-hashes.ts';
import { excerptAt, type RowRule } from '../row.ts';
import { hideSensitive } from '../sensitive.ts';

/** Words of the longest unit that is found to repeat. */
const LONGEST_UNIT = 80;
/** Times that a unit occurs in a row, and words that this covers, at least. */
const FEWEST_TIMES = 4;
const FEWEST_WORDS = 24;
/** A unit of fewer words occurs more often in good texts: `1 + 1 + 1`, “ha ha”. */
const SHORT_UNIT = 4;
const FEWEST_SHORT = 12;
/** Characters at the end of a text without spaces that are searched, of a unit, and that repetition covers at least. */
const TAIL = 2_000;
const LONGEST_TAIL_UNIT = 200;
const FEWEST_CHARACTERS = 120;
/** Share of a text that a line covers which occurs too often. */
const LEAST_COVERED = 0.15;
const WORDLIKE = /\p{L}{2}/u;

/** The filter `repetition`, and a unit of words or characters that occurs many times in a row. */
export const loop: RowRule = {
  finding: 'loop',
  find: ({ text, problem, verdict }, { filters }) => {
    if (text === '') return undefined;
    const run = repeatedUnit(text) ?? repeatedTail(text);
    if (run) return { reason: `“${run.unit}” occurs ${run.times} times in a row.`, excerpt: excerptAt(text, run.at) };
    const input = {
      text,
      problem,
      pieces: [],
      verdict: verdict ?? { outcome: 'unknown' as const, method: 'none' as const },
    };
    const measured = repetition.measure(input, filters, {});
    if (!measured || measured.passed) return undefined;
    const [place, ...others] = measured.at ?? [];
    if (place && !WORDLIKE.test(text.slice(place.start, place.end))) return undefined;
    // A long trace repeats headings and commands without being a loop.
    const covered = [place, ...others].reduce((sum, one) => sum + (one ? one.end - one.start : 0), 0);
    if (others.length > 0 && covered < LEAST_COVERED * text.length) return undefined;
    const reason = measured.reason ?? 'The text repeats itself too much.';
    return { reason, excerpt: excerptAt(text, place?.start ?? 0) };
  },
};

interface Run {
  unit: string;
  times: number;
  /** Where the run starts, in UTF-16 code units. */
  at: number;
}

function repeatedUnit(text: string): Run | undefined {
  const { hashes: words, starts } = wordHashes(text);
  for (let unit = 1; unit <= LONGEST_UNIT && unit * 2 <= words.length; unit += 1) {
    const needed = Math.max(FEWEST_WORDS, unit * (unit < SHORT_UNIT ? FEWEST_SHORT : FEWEST_TIMES));
    const from = runOf(words, unit, needed);
    if (from === undefined) continue;
    const start = starts[from] ?? 0;
    const found = text.slice(start, starts[from + unit]).trim();
    // Sums and sequences of digits may be long.
    if (WORDLIKE.test(found)) return { unit: shown(found), times: timesOf(words, from, unit), at: start };
  }
  return undefined;
}

/** Every run has a place that is a multiple of this: FEWEST_WORDS less one unit of as many words as a fourth. */
const STRIDE = 16;

/** Where `length` words start of which each equals the one `unit` words later. */
function runOf(words: Int32Array, unit: number, length: number): number | undefined {
  const isSame = (i: number): boolean => i >= unit && i < words.length && words[i] === words[i - unit];
  for (let i = Math.ceil(unit / STRIDE) * STRIDE; i < words.length; i += STRIDE) {
    if (words[i] !== words[i - unit]) continue;
    let [from, to] = [i, i + 1];
    while (isSame(from - 1)) from -= 1;
    while (isSame(to)) to += 1;
    if (to - from + unit >= length) return from - unit;
    // The same run again is skipped.
    i = Math.floor((to - 1) / STRIDE) * STRIDE;
  }
  return undefined;
}

function timesOf(words: Int32Array, from: number, unit: number): number {
  let end = from + unit;
  while (end < words.length && words[end] === words[end - unit]) end += 1;
  return Math.floor((end - from) / unit);
}

/** A text that ends with repeated characters, without spaces between the units. */
function repeatedTail(text: string): Run | undefined {
  const tail = text.trimEnd().slice(-TAIL);
  for (let unit = 1; unit <= LONGEST_TAIL_UNIT && unit * FEWEST_TIMES <= tail.length; unit += 1) {
    let length = unit;
    while (length < tail.length && tail[tail.length - 1 - length] === tail[tail.length - 1 - length + unit])
      length += 1;
    const times = Math.floor(length / unit);
    const found = tail.slice(-unit);
    if (times < FEWEST_TIMES || length < FEWEST_CHARACTERS || !/\p{L}/u.test(found)) continue;
    return { unit: shown(found), times, at: text.trimEnd().length - length };
  }
  return undefined;
}

function shown(unit: string): string {
  const flat = hideSensitive(unit).replace(/\s+/g, ' ');
  return flat.length > 60 ? `${flat.slice(0, 59)}…` : flat;
}
