/** Consecutive words that a text may not share with a benchmark problem; the length that most contamination reports use. */
const N = 8;
/** An odd multiplier whose powers mix well in 32 bits. */
const BASE = 0x01000193;
const TOP = Array.from({ length: N - 1 }).reduce<number>((power) => Math.imul(power, BASE), 1);

interface BenchmarkHit {
  /** Id of the benchmark problem. */
  id: string;
  /** Place of the shared words in the text, in UTF-16 code units. */
  start: number;
  end: number;
}

/**
 * The word 8-grams of benchmark problems. A rolling hash over word numbers finds candidates, which are then compared word by word. A word
 * that no benchmark contains ends a run. test/bench/filters.ts measures the speed.
 */
export class BenchmarkIndex {
  readonly #words = new Map<string, number>();
  /** The words of all problems in sequence. */
  readonly #sequence: number[] = [];
  /** Where each problem starts in the sequence. */
  readonly #problems: { id: string; from: number }[] = [];
  /** Starts of the 8-grams in the sequence, by hash. */
  readonly #grams = new Map<number, number | number[]>();

  /** Problems with fewer than eight words are excluded, because they resemble common phrases. */
  constructor(problems: Iterable<{ id: string; problem: string }>) {
    for (const { id, problem } of problems) this.#add(id, problem);
  }

  get size(): number {
    return this.#problems.length;
  }

  /** The first eight consecutive words that a benchmark problem contains, with the equal words after them. */
  find(text: string): BenchmarkHit | undefined {
    if (this.#grams.size === 0) return undefined;
    const words = mathsWords(text);
    const numbers = words.map(({ word }) => this.#words.get(word) ?? -1);
    for (const { at, hash } of grams(numbers)) {
      const places = this.#grams.get(hash);
      if (places === undefined) continue;
      for (const place of typeof places === 'number' ? [places] : places) {
        const length = this.#agreement(numbers, at, place);
        const [first, last] = [words[at], words[at + length - 1]];
        if (length < N || !first || !last) continue;
        return { id: this.#problemAt(place).id, start: first.start, end: last.end };
      }
    }
    return undefined;
  }

  #add(id: string, problem: string): void {
    const numbers = mathsWords(problem).map(({ word }) => {
      const known = this.#words.get(word);
      if (known !== undefined) return known;
      this.#words.set(word, this.#words.size);
      return this.#words.size - 1;
    });
    if (numbers.length < N) return;
    const from = this.#sequence.length;
    this.#problems.push({ id, from });
    for (const number of numbers) this.#sequence.push(number);
    for (const { at, hash } of grams(numbers)) {
      const places = this.#grams.get(hash);
      if (places === undefined) this.#grams.set(hash, from + at);
      else if (typeof places === 'number') this.#grams.set(hash, [places, from + at]);
      else places.push(from + at);
    }
  }

  /** Number of equal words from two places on, within one problem. */
  #agreement(numbers: readonly number[], at: number, place: number): number {
    const next = this.#problems[this.#indexAt(place) + 1]?.from ?? this.#sequence.length;
    let length = 0;
    while (place + length < next && at + length < numbers.length) {
      if (numbers[at + length] !== this.#sequence[place + length]) break;
      length += 1;
    }
    return length;
  }

  #problemAt(place: number): { id: string } {
    return this.#problems[this.#indexAt(place)] ?? { id: '' };
  }

  #indexAt(place: number): number {
    let [low, high] = [0, this.#problems.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#problems[middle]?.from ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The start of each run of eight known words with its hash. A negative number is a word that no benchmark contains. */
function* grams(numbers: readonly number[]): Generator<{ at: number; hash: number }> {
  let hash = 0;
  let run = 0;
  for (const [i, number] of numbers.entries()) {
    if (number < 0) {
      hash = 0;
      run = 0;
      continue;
    }
    if (run >= N) hash = (hash - Math.imul((numbers[i - N] ?? 0) + 1, TOP)) | 0;
    hash = (Math.imul(hash, BASE) + number + 1) | 0;
    run += 1;
    if (run >= N) yield { at: i - N + 1, hash };
  }
}

/** A word of a text. A formula without spaces between its parts is one word: `x^2+y^2=1`. */
interface MathsWord {
  /** Lower case, without spaces and delimiters. */
  word: string;
  /** `[start, end)` in UTF-16 code units. */
  start: number;
  end: number;
}

/** Separators without meaning between the parts of a formula: white space, delimiters, spacing commands. */
const SKIP = String.raw`(?:\s|\$|~|\\(?:[()[\] ,;:!]|left(?![a-z])|right(?![a-z])))*`;
const ATOM = String.raw`(?:\\[a-z]+|\d+(?:[.,]\d+)*|[\p{L}\p{N}\p{M}]+)`;
/** Mathematical signs. Punctuation, quotes and round brackets belong to the prose. */
const SIGN = String.raw`[^\s\p{L}\p{N}\p{M}\p{C}$~\\.,;:!?'"()‘’“”…]+`;
const WORD = new RegExp(`${ATOM}(?:${SKIP}${SIGN}(?:${SKIP}${ATOM})?)*`, 'giu');
const SPELLINGS: readonly [RegExp, string][] = [
  [/\s|\$|~|\\(?:[()[\] ,;:!]|left(?![a-z])|right(?![a-z]))/g, ''],
  [/\\[dt]frac/g, '\\frac'],
  [/×/g, '\\times'],
  [/[‐-―−]/g, '-'],
];

/**
 * The words of a text, independent of case, spacing, maths delimiters and spellings of a command. An equation is one word, so that eight
 * consecutive words contain prose. Takes linear time.
 */
export function mathsWords(text: string): MathsWord[] {
  const words: MathsWord[] = [];
  for (const match of text.matchAll(WORD)) {
    let word = match[0].normalize('NFKC').toLowerCase();
    for (const [pattern, replacement] of SPELLINGS) word = word.replace(pattern, replacement);
    if (word !== '') words.push({ word, start: match.index, end: match.index + match[0].length });
  }
  return words;
}
