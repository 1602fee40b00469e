import { normalCumulative } from '../maths/special.ts';

/** How the answers to the held-out problems vary, from answers of the base model. */
export interface PassSpread {
  /** Mean pass rate, 0 to 1. */
  rate: number;
  /** Mean variance of one answer to a problem. */
  within: number;
  /** Variance of the pass rates of the problems. */
  between: number;
}

export interface PowerDesign {
  spread: PassSpread;
  problems: number;
  /** Answers of an arm to each problem: seeds times samples. */
  answers: number;
  /** Correlation over problems of the pass rates of two trained models. */
  correlation?: number;
}

/** Two models from one base differ less between problems than this assumes, so that the estimate is careful. */
export const ASSUMED_CORRELATION = 0.5;
/** Two-sided level of the test, and the chance to find the difference. */
export const ALPHA = 0.05;
const POWER = 0.8;

/**
 * The spread of pass rates from right answers among all of each problem. `within` is unbiased for problems with two answers or more; with one answer each,
 * half of the variance is taken as `within`. Where all answers are alike, one more of them counts as half right, since a variance of 0 would promise too much.
 * @throws RangeError without an answered problem.
 */
export function passSpread(problems: readonly { right: number; answers: number }[]): PassSpread {
  const answered = problems.filter(({ answers }) => answers > 0);
  if (answered.length === 0) throw new RangeError('there are no answers to measure a pass rate by');
  const rate = answered.reduce((sum, { right, answers }) => sum + right / answers, 0) / answered.length;
  const total = answered.reduce((sum, { answers }) => sum + answers, 0);
  if (rate === 0 || rate === 1) return { ...spreadOf((rate * total + 0.5) / (total + 1)), rate };
  const repeated = answered.filter(({ answers }) => answers > 1);
  if (repeated.length === 0) return spreadOf(rate);
  const within =
    repeated.reduce((sum, { right, answers: n }) => sum + (right * (n - right)) / (n * (n - 1)), 0) / repeated.length;
  return { rate, within, between: Math.max(0, rate * (1 - rate) - within) };
}

/** The spread where only the pass rate, 0 to 1, is known: half of the variance is between problems. */
export function spreadOf(rate: number): PassSpread {
  const half = (rate * (1 - rate)) / 2;
  return { rate, within: half, between: half };
}

/**
 * The smallest difference of two arms, 0 to 1, that a paired comparison finds with a probability of 80 % at p < 0.05:
 * (z(0.975) + z(0.8)) · √((ω² + 2σ²/K) / n) with n problems, K answers of an arm to each, σ² the variance of an answer to a problem, and
 * ω² = 2(1 − ρ) · the variance between problems (Miller, Adding Error Bars to Evals, 2024, arXiv 2411.00640, section on power). The variance between
 * trainings with different seeds is not in it.
 */
export function detectable(design: PowerDesign): number {
  return (normalQuantile(1 - ALPHA / 2) + normalQuantile(POWER)) * standardError(design);
}

/** Standard error of the difference of two arms over the problems. */
function standardError({ spread, problems, answers, correlation = ASSUMED_CORRELATION }: PowerDesign): number {
  const variance = 2 * (1 - correlation) * spread.between + (2 * spread.within) / answers;
  return Math.sqrt(variance / problems);
}

/** The z for which P(Z ≤ z) is q, 0 < q < 1, by bisection; error below 1e-6. */
function normalQuantile(q: number): number {
  let low = -9;
  let high = 9;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (normalCumulative(middle) < q) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
