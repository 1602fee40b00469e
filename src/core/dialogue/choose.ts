import type { ChainClass, Outcome } from '../model/index.ts';
import { classOf } from './pieces.ts';

/** A graded candidate of an answer. */
export interface Candidate {
  /** Which candidate of its piece, from 0. */
  index: number;
  outcome: Outcome;
  /** `finish` was `stop`: a truncated answer is not a wrong answer. */
  finished: boolean;
  /** The final answer that was read from it. */
  value?: string;
}

/** A candidate of answer[1] and one of the last answer. */
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

/**
 * A candidate for an answer in between, in a chain of more than two: one that ended and could be graded.
 *
 * FT: a wrong one of a value of its own, so that the search goes on, else a right one. TT and TF: a right one, which the summary can lean on.
 * `safe` prefers a right one always: in a true dialogue the last answer still has to be found, and goes astray after wrong ones.
 *
 * @param first The chain's answer[1].
 * @param nth Which chain of the problem: they take different candidates where there are several as good.
 */
export function chooseBetween(
  chainClass: ChainClass,
  first: Candidate,
  pool: readonly Candidate[],
  nth: number,
  safe = false,
): Candidate | undefined {
  const usable = pool.filter(({ outcome, finished }) => finished && (outcome === 'correct' || outcome === 'incorrect'));
  const seeksWrong = chainClass === 'FT' && !safe;
  const preference = ({ outcome, value }: Candidate): number => {
    if (outcome === 'correct') return seeksWrong ? 1 : 0;
    return seeksWrong && (value === undefined || value !== first.value) ? 0 : 2;
  };
  const best = Math.min(...usable.map(preference));
  const good = usable.filter((candidate) => preference(candidate) === best);
  return good[nth % good.length];
}
