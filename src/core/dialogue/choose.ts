import type { ChainClass, Outcome } from '../model/index.ts';
import { classOf } from './pieces.ts';

/** A graded candidate of answer[1] or answer[2]. */
export interface Candidate {
  /** Which candidate of its piece, from 0. */
  index: number;
  outcome: Outcome;
  /** `finish` was `stop`: a truncated answer is not a wrong answer. */
  finished: boolean;
}

export interface Pair {
  first: number;
  second: number;
  class: ChainClass;
}

/** FT is the learning target, TF is its counterweight in the quota, TT fills up. FF is dropped. */
const PREFERENCE: Record<ChainClass, number> = { FT: 0, TF: 1, TT: 2, FF: 3 };

/** Every pair whose class is known, FF included: what the round's class counts are made of. */
export function gradedPairs(first: readonly Candidate[], second: readonly Candidate[]): Pair[] {
  return first.flatMap((a) =>
    second.flatMap((b) => {
      const chainClass = a.finished && b.finished ? classOf(a.outcome, b.outcome) : undefined;
      return chainClass ? [{ first: a.index, second: b.index, class: chainClass }] : [];
    }),
  );
}

/**
 * The pairs that are worth a check and a summary: at most `keep`, FT before TF before TT, each candidate used as seldom as
 * possible so that one lucky answer does not stand in all chains of a problem.
 */
export function choosePairs(first: readonly Candidate[], second: readonly Candidate[], keep: number): Pair[] {
  const left = gradedPairs(first, second).filter((pair) => pair.class !== 'FF');
  const uses = new Map<string, number>();
  const used = (pair: Pair): number => (uses.get(`1:${pair.first}`) ?? 0) + (uses.get(`2:${pair.second}`) ?? 0);
  const chosen: Pair[] = [];
  while (chosen.length < keep && left.length > 0) {
    left.sort(
      (a, b) =>
        used(a) - used(b) || PREFERENCE[a.class] - PREFERENCE[b.class] || a.first - b.first || a.second - b.second,
    );
    const pair = left.shift();
    if (!pair) break;
    chosen.push(pair);
    for (const key of [`1:${pair.first}`, `2:${pair.second}`]) uses.set(key, (uses.get(key) ?? 0) + 1);
  }
  return chosen;
}
