import { seedOf } from '../dialogue/index.ts';
import { drawFrom, randomSource } from '../maths/random.ts';
import { formatCount, plural } from '../text/format.ts';
import { isCorrect, type ProblemSamples } from './sample.ts';

/** Draws of k samples for averaging a vote of fewer than all samples. */
const VOTES = 200;

/** Share of correct samples of a problem, 0 to 1. */
export function averageAtK({ samples }: ProblemSamples): number {
  return samples.filter(isCorrect).length / samples.length;
}

/**
 * Probability that at least one of k samples is correct, drawn without replacement from n with c correct: 1 − C(n − c, k)/C(n, k), the
 * unbiased estimator of Chen et al. 2021 (arXiv 2107.03374).
 * @throws RangeError unless 0 ≤ c ≤ n and 1 ≤ k ≤ n.
 */
export function passAtK(n: number, c: number, k: number): number {
  if (!(c >= 0 && c <= n && k >= 1 && k <= n))
    throw new RangeError(`pass@${k} of ${formatCount(c)} correct among ${plural(n, 'sample')}`);
  let none = 1;
  for (let i = 0; i < k; i++) none *= Math.max(0, n - c - i) / (n - i);
  return 1 - none;
}

/**
 * Probability that the most frequent answer of k samples is correct (self-consistency, Wang et al. 2022, arXiv 2203.11171). Samples without
 * an answer don't vote, ties are broken at random, and no votes count as wrong. Exact for all samples, else the mean of 200 seeded draws.
 */
export function majorityAtK({ samples, problemId }: ProblemSamples, k: number): number {
  if (k >= samples.length) return vote(samples);
  const random = randomSource(seedOf(problemId));
  let sum = 0;
  for (let i = 0; i < VOTES; i++) sum += vote(drawFrom(samples, k, random));
  return sum / VOTES;
}

function vote(samples: ProblemSamples['samples']): number {
  const groups = new Map<string, { votes: number; correct: boolean }>();
  for (const sample of samples) {
    if (sample.answer === null || sample.reply !== 'answered') continue;
    const group = groups.get(sample.answer) ?? { votes: 0, correct: false };
    group.votes++;
    group.correct ||= isCorrect(sample);
    groups.set(sample.answer, group);
  }
  // Different spellings of the right answer count as one answer.
  const right = [...groups.values()].filter((group) => group.correct).reduce((sum, group) => sum + group.votes, 0);
  const wrong = [...groups.values()].filter((group) => !group.correct).map((group) => group.votes);
  const most = Math.max(0, ...wrong);
  if (right === 0 || right < most) return 0;
  return right > most ? 1 : 1 / (1 + wrong.filter((votes) => votes === most).length);
}
