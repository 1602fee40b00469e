import { type CandidateAnswer, findCandidates } from '../behaviours/index.ts';
import { normaliseAnswer } from '../grading/normalise.ts';
import type { Chain, GradingPolicy, Outcome, Problem } from '../schemas/index.ts';

/** A number that is compared by its digits, which is fast for any text. */
const PLAIN_NUMBER = /^-?\d{1,18}(?:\.\d{1,18})?$/;
/** Decimals closer than this, relatively, may be the same by rounding. */
const NEAR = 0.01;

/**
 * Candidate answers of a text, with the stored outcomes. Others are correct if their normal form is that of the gold answer, and incorrect
 * if both are different plain numbers. Anything else has no outcome here, since it requires a grading worker.
 */
export function candidatesOf(
  text: string,
  { problem, answer: gold }: Problem,
  policy: GradingPolicy,
  graded: Chain['candidates'] = {},
): (CandidateAnswer & { outcome?: Outcome })[] {
  const expected = normaliseAnswer(gold, policy);
  return findCandidates(text, { problem, gold }).map((candidate) => {
    const outcome = Object.hasOwn(graded, candidate.answer) ? graded[candidate.answer] : undefined;
    if (outcome !== undefined) return { ...candidate, outcome };
    const answer = normaliseAnswer(candidate.answer, policy);
    if (answer === expected) return { ...candidate, outcome: 'correct' };
    if (!PLAIN_NUMBER.test(answer) || !PLAIN_NUMBER.test(expected)) return candidate;
    if (surelyDiffer(answer, expected)) return { ...candidate, outcome: 'incorrect' };
    return candidate;
  });
}

/** Whether two different plain numbers differ by more than rounding. */
function surelyDiffer(a: string, b: string): boolean {
  if (!a.includes('.') && !b.includes('.')) return BigInt(a) !== BigInt(b);
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) > NEAR * Math.max(Math.abs(x), Math.abs(y));
}
