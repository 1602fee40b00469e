import diff from 'fast-diff';
import { splitSentences } from '../behaviours/sentences.ts';
import { PHASES } from '../schemas/index.ts';
import type { Place } from './answer-place.ts';
import type { PhaseRun } from './phase-runs.ts';
import { sentencePlace } from './spans.ts';

/** Two offsets that belong together, in UTF-16 code units of two texts. */
export interface Anchor {
  a: number;
  b: number;
}

/** Runs that are aligned, at most, since the alignment takes O(N·D). The rest of a text follows in proportion. */
const ALIGNED = 600;

/**
 * Aligns two texts by their phases: both beginnings, the beginnings of the runs in a longest common sequence of phases, and both ends.
 * @returns Anchors in order; both offsets rise.
 */
export function phaseAnchors(
  a: { length: number; runs: readonly PhaseRun[] },
  b: { length: number; runs: readonly PhaseRun[] },
): Anchor[] {
  const anchors: Anchor[] = [{ a: 0, b: 0 }];
  const letters = (runs: readonly PhaseRun[]): string =>
    runs
      .slice(0, ALIGNED)
      .map(({ phase }) => String.fromCharCode(97 + PHASES.indexOf(phase)))
      .join('');
  const add = (anchor: Anchor): void => {
    const last = anchors.at(-1);
    if (last === undefined || (anchor.a > last.a && anchor.b > last.b)) anchors.push(anchor);
  };
  let [i, j] = [0, 0];
  for (const [operation, run] of diff(letters(a.runs), letters(b.runs))) {
    if (operation === diff.EQUAL) {
      for (let k = 0; k < run.length; k += 1) add({ a: a.runs[i + k]?.start ?? 0, b: b.runs[j + k]?.start ?? 0 });
    }
    if (operation !== diff.INSERT) i += run.length;
    if (operation !== diff.DELETE) j += run.length;
  }
  add({ a: a.length, b: b.length });
  return anchors;
}

/** The offset of the second text that belongs to an offset of the first: linear between anchors, and beyond the last one at its place. */
export function alongAnchors(anchors: readonly Anchor[], offset: number): number {
  const next = anchors.findIndex(({ a }) => a > offset);
  const before = anchors.at(next < 0 ? -1 : next - 1);
  const after = anchors[next];
  if (before === undefined) return 0;
  if (after === undefined) return before.b;
  return Math.round(before.b + ((offset - before.a) * (after.b - before.b)) / (after.a - before.a));
}

/** Sentences with at least this share of common words are compared by words. */
const SIMILAR = 0.5;
/** A word in more sentences than these does not show which ones are similar. */
const COMMON = 50;
/** Most words of a sentence that is aligned word by word, which takes O(N·D). A longer one is new as a whole. */
const LONGEST = 500;

interface Sentence {
  text: number;
  place: Place;
  words: readonly Place[];
  written: readonly string[];
}

/** Sentences by their words. */
interface WordIndex {
  sentences: readonly Sentence[];
  /** By word, the sentences that have it. */
  having: ReadonlyMap<string, readonly number[]>;
}

/** What of each text no other one has, in order. White space makes no difference. */
export interface Differences {
  /** Sentences that no other text has. */
  sentences: Place[][];
  /** What of these is new: where another text has a similar sentence, the words that this one lacks, else all of it. Adjacent words are one place. */
  words: Place[][];
}

/** Compares texts sentence by sentence. */
export function differencesOf(texts: readonly string[]): Differences {
  const all = texts.map((text, number) =>
    splitSentences(text)
      .map((sentence) => sentenceOf(text, number, sentencePlace(text, sentence)))
      .filter(({ written }) => written.length > 0),
  );
  const owners = new Map<string, Set<number>>();
  const shared = new Map<string, Sentence>();
  const isOwn = (sentence: Sentence): boolean => owners.get(keyOf(sentence))?.size === 1;
  for (const sentence of all.flat()) {
    const key = keyOf(sentence);
    owners.set(key, (owners.get(key) ?? new Set()).add(sentence.text));
  }
  for (const sentence of all.flat()) if (!isOwn(sentence)) shared.set(keyOf(sentence), sentence);
  const own = all.map((sentences) => sentences.filter(isOwn));
  // Own sentences of others first: shared ones have more words in common with everything. Each is in another text too.
  const [ownIndex, sharedIndex] = [indexOf(own.flat()), indexOf([...shared.values()].map(elsewhere))];
  const newIn = (sentence: Sentence): Place[] => {
    const similar = mostSimilar(sentence, ownIndex) ?? mostSimilar(sentence, sharedIndex);
    return similar === undefined ? [sentence.place] : newWords(sentence, similar);
  };
  return {
    sentences: own.map((sentences) => sentences.map(({ place }) => place)),
    words: own.map((sentences) => sentences.flatMap(newIn)),
  };
}

const keyOf = ({ written }: Sentence): string => written.join(' ');
const elsewhere = (sentence: Sentence): Sentence => ({ ...sentence, text: -1 });

function indexOf(sentences: readonly Sentence[]): WordIndex {
  const having = new Map<string, number[]>();
  sentences.forEach(({ written }, at) => {
    for (const word of new Set(written)) {
      const found = having.get(word) ?? [];
      if (found.length <= COMMON) found.push(at);
      having.set(word, found);
    }
  });
  return { sentences, having };
}

function sentenceOf(text: string, number: number, place: Place): Sentence {
  const words = Array.from(text.slice(place.start, place.end).matchAll(/\S+/g), ({ index, 0: word }) => ({
    start: place.start + index,
    end: place.start + index + word.length,
  }));
  return { text: number, place, words, written: words.map(({ start, end }) => text.slice(start, end)) };
}

/** The sentence of another text with the greatest share of common words; undefined if none is similar. */
function mostSimilar({ text, written }: Sentence, { sentences, having }: WordIndex): Sentence | undefined {
  if (written.length > LONGEST) return undefined;
  const common = new Map<number, number>();
  for (const word of new Set(written)) {
    const found = having.get(word) ?? [];
    if (found.length <= COMMON) for (const at of found) common.set(at, (common.get(at) ?? 0) + 1);
  }
  let best: { share: number; sentence: Sentence } | undefined;
  for (const [at, count] of common) {
    const sentence = sentences[at];
    if (sentence === undefined || sentence.text === text || sentence.written.length > LONGEST) continue;
    const share = count / Math.max(new Set(written).size, new Set(sentence.written).size);
    if (share >= SIMILAR && share > (best?.share ?? 0)) best = { share, sentence };
  }
  return best?.sentence;
}

/** The words of a sentence that another one lacks at their place. */
function newWords({ words, written }: Sentence, other: Sentence): Place[] {
  const codes = new Map<string, string>();
  const encode = (list: readonly string[]): string =>
    list
      .map((word) => {
        // Surrogates would be joined to pairs.
        const code = codes.get(word) ?? String.fromCharCode(Math.min(codes.size + 1, 0xd7ff));
        codes.set(word, code);
        return code;
      })
      .join('');
  const places: Place[] = [];
  let at = 0;
  for (const [operation, run] of diff(encode(other.written), encode(written))) {
    if (operation === diff.DELETE) continue;
    const [first, last] = [words[at], words[at + run.length - 1]];
    if (operation === diff.INSERT && first !== undefined && last !== undefined)
      places.push({ start: first.start, end: last.end });
    at += run.length;
  }
  return places;
}
