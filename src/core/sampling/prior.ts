import { type Beta, UNIFORM_PRIOR } from './posterior.ts';

/** Fewer problems with at least two attempts say too little of the spread. */
const LEAST_PROBLEMS = 20;
/** Share of variance between problems; at the ends Beta(a, b) is no distribution. */
const LEAST_SPREAD = 0.01;
const MOST_SPREAD = 0.95;

/**
 * The population of pass rates from which the problems come, as Beta(a, b), by moments (Kleinman 1973, the beta-binomial with
 * unequal numbers of attempts): μ = Σs/Σn, and the intra-class correlation ρ = 1/(a + b + 1) from E Σ nᵢ(p̂ᵢ − μ̂)² = μ(1 − μ) Σ (1
 * − nᵢ/N)(1 + (nᵢ − 1)ρ).
 *
 * In: one record per problem, or per `weight` problems alike; attempts whose number did not depend on how they came out (a pilot,
 * not a cascade: stopping at a success makes p̂ too large). Out: the uniform prior where there is too little to go by (fewer than 20
 * problems with two attempts, or all right, or all wrong).
 */
export function fitPrior(tallies: readonly { attempts: number; successes: number; weight: number }[]): Beta {
  const used = tallies.filter(({ attempts }) => attempts > 0);
  const all = used.reduce((sum, { attempts, weight }) => sum + weight * attempts, 0);
  const mean = used.reduce((sum, { successes, weight }) => sum + weight * successes, 0) / all;
  const spreading = used.reduce((sum, { attempts, weight }) => sum + (attempts > 1 ? weight : 0), 0);
  if (spreading < LEAST_PROBLEMS || mean === 0 || mean === 1) return UNIFORM_PRIOR;
  let squares = 0;
  let plain = 0;
  let paired = 0;
  for (const { attempts, successes, weight } of used) {
    squares += weight * attempts * (successes / attempts - mean) ** 2;
    plain += weight * (1 - attempts / all);
    paired += weight * (1 - attempts / all) * (attempts - 1);
  }
  const measured = (squares / (mean * (1 - mean)) - plain) / paired;
  const spread = Math.min(MOST_SPREAD, Math.max(LEAST_SPREAD, measured));
  const size = 1 / spread - 1;
  return { a: mean * size, b: (1 - mean) * size };
}
