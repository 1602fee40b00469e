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
