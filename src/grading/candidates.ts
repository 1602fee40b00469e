import { findCandidates } from '../core/behaviours/index.ts';
import type { GradingPolicy, Outcome, Problem } from '../core/schemas/index.ts';
import type { Grader } from './reply.ts';

/** Most distinct values graded for one text, which may repeat or list numbers endlessly. */
const MOST_VALUES = 200;

/** The text graded for a candidate: its value in a box. */
export const candidateText = (value: string): string => `\\boxed{${value}}`;

/**
 * The outcome of each distinct value that a text gives as its answer. Rejects when the pool is closed or the signal aborts.
 */
export async function candidateOutcomes(
  pool: Grader,
  values: Iterable<string>,
  gold: string,
  policy: GradingPolicy,
  signal?: AbortSignal,
): Promise<Record<string, Outcome>> {
  const distinct = [...new Set(values)].slice(0, MOST_VALUES);
  const verdicts = await Promise.all(distinct.map((value) => pool.grade(gold, candidateText(value), policy, signal)));
  return Object.fromEntries(distinct.map((value, i) => [value, verdicts[i]?.outcome ?? 'error']));
}

/** The outcomes of the candidates in a chain's text, as stored with the chain. */
export function chainCandidates(
  pool: Grader,
  text: string,
  { problem, answer }: Pick<Problem, 'problem' | 'answer'>,
  policy: GradingPolicy,
  signal?: AbortSignal,
): Promise<Record<string, Outcome>> {
  const found = findCandidates(text, { problem, gold: answer }).map((candidate) => candidate.answer);
  return candidateOutcomes(pool, found, answer, policy, signal);
}
