import { betaCumulative, betaQuantile } from '../maths/special.ts';

/** Difficulty of a problem as a posterior over its pass rate p. */
export interface PassRate {
  attempts: number;
  successes: number;
  mean: number;
  /** The central 90 % interval. */
  low: number;
  high: number;
}

/** Beta(a, b), a, b > 0: what is believed of a pass rate. */
export interface Beta {
  a: number;
  b: number;
}

/** Every pass rate is as likely as any other. */
export const UNIFORM_PRIOR: Beta = { a: 1, b: 1 };

/** Belief after `attempts` independent samples, `successes` of them correct. */
export function update(prior: Beta, attempts: number, successes: number): Beta {
  return { a: prior.a + successes, b: prior.b + attempts - successes };
}

/**
 * Beta(1 + successes, 1 + failures): mean and 90 % interval of the pass rate after `attempts` independent samples, from a uniform
 * prior (method.md, stage 2). In: integers, 0 ≤ successes ≤ attempts.
 */
export function passRate(attempts: number, successes: number): PassRate {
  const { a, b } = update(UNIFORM_PRIOR, attempts, successes);
  return { attempts, successes, mean: a / (a + b), low: betaQuantile(0.05, a, b), high: betaQuantile(0.95, a, b) };
}

/** P(p > x), 0 ≤ x ≤ 1. */
export function chanceAbove(belief: Beta, x: number): number {
  return 1 - betaCumulative(x, belief.a, belief.b);
}

/**
 * Is a problem worth the samples that are left for it? Method.md, stage 2: it is dropped when P(p > 1/remaining) is small, since a
 * smaller p gives less than one correct response in expectation. `remaining` in samples; `threshold` from 0 (never dropped while a
 * sample is left) to 1.
 */
export function worthSampling(belief: Beta, remaining: number, threshold: number): boolean {
  return remaining >= 1 && chanceAbove(belief, 1 / remaining) >= threshold;
}
