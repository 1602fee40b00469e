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

/**
 * What of the own sentences of each text is new: where another text has a similar own sentence, the words that this one lacks, else the whole
 * sentence. Adjacent words are one place, and white space makes no difference.
 * @param own As `ownSentences` of the same texts.
 */
export function ownWords(texts: readonly string[], own: readonly (readonly Place[])[]): Place[][] {
  const sentences = own.flatMap((places, text) => places.map((place) => sentenceOf(texts[text] ?? '', text, place)));
  const having = new Map<string, number[]>();
  sentences.forEach(({ written }, at) => {
    for (const word of new Set(written)) {
      const found = having.get(word) ?? [];
      if (found.length <= COMMON) found.push(at);
      having.set(word, found);
    }
  });
  const places: Place[][] = texts.map(() => []);
  sentences.forEach((sentence) => {
    const similar = mostSimilar(sentence, sentences, having);
    places[sentence.text]?.push(...(similar === undefined ? [sentence.place] : newWords(sentence, similar)));
  });
  return places;
}

function sentenceOf(text: string, number: number, place: Place): Sentence {
  const words = Array.from(text.slice(place.start, place.end).matchAll(/\S+/g), ({ index, 0: word }) => ({
    start: place.start + index,
    end: place.start + index + word.length,
  }));
  return { text: number, place, words, written: words.map(({ start, end }) => text.slice(start, end)) };
}

/** The sentence of another text with the greatest share of common words; undefined if none is similar. */
function mostSimilar(
  { text, written }: Sentence,
  sentences: readonly Sentence[],
  having: ReadonlyMap<string, readonly number[]>,
): Sentence | undefined {
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

/** For each text, its sentences that no other text has, in order. White space makes no difference. */
export function ownSentences(texts: readonly string[]): Place[][] {
  const sentences = texts.map((text) =>
    splitSentences(text).flatMap((sentence) => {
      const place = sentencePlace(text, sentence);
      const words = text.slice(place.start, place.end).split(/\s+/).join(' ');
      return words === '' ? [] : [{ place, words }];
    }),
  );
  const owners = new Map<string, number>();
  for (const own of sentences) {
    for (const words of new Set(own.map((sentence) => sentence.words))) owners.set(words, (owners.get(words) ?? 0) + 1);
  }
  return sentences.map((own) => own.filter(({ words }) => owners.get(words) === 1).map(({ place }) => place));
}
