import { betaCumulative, betaQuantile } from '../maths/special.ts';

/** Difficulty of a problem: a posterior over its pass rate. */
export interface PassRate {
  attempts: number;
  successes: number;
  mean: number;
  /** The central 90 % interval. */
  low: number;
  high: number;
}

/** Distribution Beta(a, b) of a pass rate, a, b > 0. */
export interface Beta {
  a: number;
  b: number;
}

export const UNIFORM_PRIOR: Beta = { a: 1, b: 1 };

/** The distribution after `attempts` independent samples, `successes` of them correct. */
export function update(prior: Beta, attempts: number, successes: number): Beta {
  return { a: prior.a + successes, b: prior.b + attempts - successes };
}

/** Mean and 90 % interval of the pass rate from a uniform prior (method.md, stage 2). 0 ≤ successes ≤ attempts. */
export function passRate(attempts: number, successes: number): PassRate {
  const { a, b } = update(UNIFORM_PRIOR, attempts, successes);
  return { attempts, successes, mean: a / (a + b), low: betaQuantile(0.05, a, b), high: betaQuantile(0.95, a, b) };
}

/** P(p > x), 0 ≤ x ≤ 1. */
export function chanceAbove(belief: Beta, x: number): number {
  return 1 - betaCumulative(x, belief.a, belief.b);
}

/**
 * Whether a problem is worth `remaining` samples (method.md, stage 2): not if P(p > 1/remaining) < `threshold`, because a smaller p gives
 * less than one expected correct response. A threshold of 0 never excludes a problem with remaining samples.
 */
export function worthSampling(belief: Beta, remaining: number, threshold: number): boolean {
  return remaining >= 1 && chanceAbove(belief, 1 / remaining) >= threshold;
}
