/** Difficulty of a problem as a posterior over its pass rate p. */
export interface PassRate {
  attempts: number;
  successes: number;
  mean: number;
  /** The central 90 % interval. */
  low: number;
  high: number;
}

/**
 * Beta(1 + successes, 1 + failures): mean and 90 % interval of the pass rate after `attempts` independent samples, from a uniform
 * prior (method.md, stage 2). In: integers, 0 ≤ successes ≤ attempts.
 */
export function passRate(attempts: number, successes: number): PassRate {
  const a = 1 + successes;
  const b = 1 + attempts - successes;
  return { attempts, successes, mean: a / (a + b), low: betaQuantile(0.05, a, b), high: betaQuantile(0.95, a, b) };
}

/** The q-quantile of Beta(a, b) with integer a, b ≥ 1, by bisection on its distribution function. */
function betaQuantile(q: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (betaCumulative(middle, a, b) < q) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** For integers, I_x(a, b) is the probability of at least a successes in a + b − 1 trials (a binomial tail). */
function betaCumulative(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const n = a + b - 1;
  let logChoose = 0;
  for (let k = 0; k < a; k++) logChoose += Math.log(n - k) - Math.log(k + 1);
  let tail = 0;
  for (let k = a; k <= n; k++) {
    tail += Math.exp(logChoose + k * Math.log(x) + (n - k) * Math.log1p(-x));
    logChoose += Math.log(n - k) - Math.log(k + 1);
  }
  return Math.min(1, tail);
}
