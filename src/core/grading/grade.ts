import { keepLast } from '../keep-last.ts';
import type { GradingPolicy, Verdict } from '../schemas/index.ts';
import { closingBrace } from './brackets.ts';
import { type AnswerComparison, compareAnswers, unreadable } from './compare.ts';
import { lastBox } from './extract/boxes.ts';
import { answerRegions } from './extract/thought.ts';
import { type ExtractedAnswer, extractAnswer } from './extract.ts';
import type { SymbolicEngine } from './shapes/value.ts';

/** A verdict, and whether a compute engine would have decided better. */
export interface Grading {
  readonly verdict: Verdict;
  readonly needsEngine: boolean;
}

/** The gold without a surrounding solution. */
const goldAnswer = keepLast((gold: string): string => {
  const found = extractAnswer(gold);
  if (found !== undefined) return found.answer;
  // The gold is trusted: a box without its last brace still has its content.
  const open = /^[\s$]*\\+boxed\s*\{/.exec(gold)?.[0];
  return open !== undefined && closingBrace(gold, open.length - 1) < 0 ? gold.slice(open.length) : gold;
});

/** A text identical to the gold is its own answer, however long. */
function repeated(gold: string, text: string): ExtractedAnswer | undefined {
  const answer = text.trim();
  if (answer === '' || answer !== gold.trim()) return undefined;
  const start = text.indexOf(answer);
  return { answer, start, end: start + answer.length, how: 'bare' };
}

/** For `answer: 'boxed'`: an answer outside of a box, or only in the thought, does not count. */
function boxedAnswer(text: string): ExtractedAnswer | undefined {
  const [behind] = answerRegions(text);
  return behind && lastBox(text, behind);
}

function outcomeOf(comparison: AnswerComparison): Verdict['outcome'] {
  if (comparison.equal === undefined) return 'unknown';
  return comparison.equal ? 'correct' : 'incorrect';
}

/** gradeAnswer with an engine for the answers that require one. */
export function gradeWith(gold: string, text: string, policy: GradingPolicy, engine?: SymbolicEngine): Grading {
  const target = goldAnswer(gold);
  const found =
    policy.answer === 'boxed' ? boxedAnswer(text) : (repeated(target, text) ?? extractAnswer(text, { bare: true }));
  if (found === undefined) {
    const reason = unreadable(target, policy);
    const verdict: Verdict = {
      outcome: reason === undefined ? 'incorrect' : 'unknown',
      method: 'none',
      detail: reason ?? 'No final answer was found in the text.',
    };
    return { verdict, needsEngine: false };
  }
  const comparison = compareAnswers(target, found.answer, policy, engine);
  const verdict: Verdict = {
    outcome: outcomeOf(comparison),
    method: comparison.method,
    extracted: found.answer,
    gold: comparison.gold,
    prediction: comparison.prediction,
    detail: comparison.detail,
  };
  return { verdict, needsEngine: comparison.needsEngine === true };
}

/**
 * Grades a whole response against a gold answer: finds the final answer (extractAnswer, bare answers included), normalises, compares.
 * Never throws for bad input; only the caller limits the time (grading/pool.ts).
 */
export function gradeAnswer(gold: string, text: string, policy: GradingPolicy): Verdict {
  return gradeWith(gold, text, policy).verdict;
}

/** Whether answers can be graded by a gold answer. By one that can't be read, only its own text is right, and nothing is wrong. */
export function hasReadableGold(gold: string, policy: GradingPolicy): boolean {
  return unreadable(goldAnswer(gold), policy) === undefined;
}
