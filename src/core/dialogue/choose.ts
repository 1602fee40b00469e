import type { ChainClass, Outcome } from '../schemas/index.ts';
import { classOf } from './pieces.ts';

/** A graded candidate of an answer; `index` counts the candidates of its piece from 0. */
export interface Candidate {
  index: number;
  outcome: Outcome;
  /** False for a truncated or refused reply, which is not a wrong answer. */
  finished: boolean;
  /** The final answer in it. */
  value?: string;
}

/** A candidate of answer[1] and one of the last answer. */
export interface Pair {
  first: number;
  second: number;
  class: ChainClass;
}

/** FT is the learning target, TF balances it in the quota, TT fills up. FF is excluded. */
const PREFERENCE: Record<ChainClass, number> = { FT: 0, TF: 1, TT: 2, FF: 3 };

/** Every pair whose class is known, FF included; the class counts of a round. */
export function gradedPairs(first: readonly Candidate[], second: readonly Candidate[]): Pair[] {
  return first.flatMap((a) =>
    second.flatMap((b) => {
      const chainClass = a.finished && b.finished ? classOf(a.outcome, b.outcome) : undefined;
      return chainClass ? [{ first: a.index, second: b.index, class: chainClass }] : [];
    }),
  );
}

/**
 * At most `keep` pairs for a check and a summary: FT before TF before TT, each candidate as rarely as possible, so that one lucky answer
 * is not in all chains of a problem.
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
 * A finished, graded candidate for an intermediate answer of a chain with more than two. FT: a wrong one with a new value, so that the
 * search continues, else a right one. TT and TF: a right one.
 * @param first The chain's answer[1].
 * @param nth Number of the chain within the problem: chains take different candidates where several are equally good.
 * @param safe Always prefers a right one: in a true dialogue the last answer is not known yet, and wrong ones lead it astray.
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
