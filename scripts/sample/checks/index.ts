import type { Problem } from '../../../src/core/schemas/index.ts';
import { ALGEBRA_CHECKS } from './algebra.ts';
import { CONTEST_CHECKS } from './contest.ts';
import { type Check, near } from './gold.ts';
import { WORD_CHECKS } from './word.ts';

export { goldOf } from './gold.ts';

const CHECKS: Readonly<Record<string, Check>> = { ...WORD_CHECKS, ...ALGEBRA_CHECKS, ...CONTEST_CHECKS };

/** The check of a problem; undefined if there is none. */
export function checkOf(problem: Problem): Check | undefined {
  return problem.topic === 'arithmetic' ? ({ value }) => near(value, oneStep(problem.problem)) : CHECKS[problem.id];
}

/** Solves a one-step problem from the numbers in it and the word or sign of the operation. */
function oneStep(text: string): number {
  const numbers = (text.match(/\d+/g) ?? []).map(Number);
  const fold = (step: (a: number, b: number) => number): number => numbers.reduce(step);
  if (/\+|sum|Add/.test(text)) return fold((a, b) => a + b);
  if (/×|product|Multiply/.test(text)) return fold((a, b) => a * b);
  if (/-/.test(text)) return fold((a, b) => a - b);
  if (/÷/.test(text)) return fold((a, b) => a / b);
  throw new Error(`No step in “${text}”`);
}
