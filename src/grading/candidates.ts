import { findCandidates } from '../core/behaviours/index.ts';
import type { GradingPolicy, Outcome, Problem } from '../core/model/index.ts';
import type { GradingPool } from './pool.ts';

/** Different values of one text; one that loops or lists numbers without end needs no more of them. */
const MOST_VALUES = 200;

/**
 * What grading says of each value that a text puts forward as the answer, by the value as it is written. One value is graded once, however
 * often the text comes back to it. Rejects when the pool is closed or the signal aborted.
 */
export async function candidateOutcomes(
  pool: GradingPool,
  values: Iterable<string>,
  gold: string,
  policy: GradingPolicy,
  signal?: AbortSignal,
): Promise<Record<string, Outcome>> {
  const distinct = [...new Set(values)].slice(0, MOST_VALUES);
  // A candidate is what stands inside of a box, whether or not a box is around it.
  const verdicts = await Promise.all(distinct.map((value) => pool.grade(gold, `\\boxed{${value}}`, policy, signal)));
  return Object.fromEntries(distinct.map((value, i) => [value, verdicts[i]?.outcome ?? 'error']));
}

/** The outcomes of the candidates of a chain's text, as they are kept with the chain. */
export function chainCandidates(
  pool: GradingPool,
  text: string,
  { problem, answer }: Pick<Problem, 'problem' | 'answer'>,
  policy: GradingPolicy,
  signal?: AbortSignal,
): Promise<Record<string, Outcome>> {
  const found = findCandidates(text, { problem, gold: answer }).map((candidate) => candidate.answer);
  return candidateOutcomes(pool, found, answer, policy, signal);
}
