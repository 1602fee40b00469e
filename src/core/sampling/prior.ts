import { betaQuantile } from '../maths/special.ts';
import { type Beta, UNIFORM_PRIOR } from './posterior.ts';

/** Minimum problems with at least two attempts for estimating the spread. */
const LEAST_PROBLEMS = 20;
/** Bounds of the share of variance between problems; Beta(a, b) does not exist at 0 and 1. */
const LEAST_SPREAD = 0.01;
const MOST_SPREAD = 0.95;

/**
 * The population of pass rates as Beta(a, b), by moments (Kleinman 1973, beta-binomial with unequal attempts): μ = Σs/Σn, and the
 * intra-class correlation ρ = 1/(a + b + 1) from E Σ nᵢ(p̂ᵢ − μ̂)² = μ(1 − μ) Σ (1 − nᵢ/N)(1 + (nᵢ − 1)ρ). Uniform with fewer than
 * `leastProblems` problems with two attempts, or if all are right or all wrong.
 * @param tallies One record per problem, or per `weight` equal problems. The number of attempts must not depend on their outcomes, as in a
 * pilot; stopping at a success, as in a cascade, overestimates the rate.
 */
export function fitPrior(
  tallies: readonly { attempts: number; successes: number; weight: number }[],
  leastProblems = LEAST_PROBLEMS,
): Beta {
  const used = tallies.filter(({ attempts }) => attempts > 0);
  const all = used.reduce((sum, { attempts, weight }) => sum + weight * attempts, 0);
  const mean = used.reduce((sum, { successes, weight }) => sum + weight * successes, 0) / all;
  const spreading = used.reduce((sum, { attempts, weight }) => sum + (attempts > 1 ? weight : 0), 0);
  if (spreading < leastProblems || mean === 0 || mean === 1) return UNIFORM_PRIOR;
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

/** Distribution of the pass rates of problems without samples. */
export interface PopulationPrior {
  prior: Beta;
  /** The same with the lowest and highest mean of a 90 % interval. */
  low: Beta;
  high: Beta;
  /** Problems with graded samples, and the number of samples. */
  problems: number;
  samples: number;
  /** `flat`: too few problems were sampled, so the uniform prior is used. */
  basis: 'flat' | 'measured';
}

/** Minimum number of sampled problems. */
const LEAST_MEASURED = 10;
/** a + b if all samples are right or all wrong, so that the spread is unknown: most problems are then easy or hard. */
const EXTREME_SIZE = 1;

/**
 * The population of pass rates with a 90 % interval of its mean, from Jeffreys' prior, Beta(1/2 + S, 1/2 + F). Samples count by the design
 * effect 1 + (n − 1)ρ (Kish 1965), because samples of one problem are correlated. Attempts as for `fitPrior`.
 */
export function populationPrior(tallies: Iterable<{ attempts: number; successes: number }>): PopulationPrior {
  const used = [...tallies].filter(({ attempts }) => attempts > 0).map((tally) => ({ ...tally, weight: 1 }));
  const samples = used.reduce((sum, { attempts }) => sum + attempts, 0);
  const correct = used.reduce((sum, { successes }) => sum + successes, 0);
  const isMeasured = used.length >= LEAST_MEASURED;
  const prior = isMeasured ? (fitted(used) ?? pooled(samples, correct)) : UNIFORM_PRIOR;
  const size = prior.a + prior.b;
  const effect = used.length === 0 ? 1 : 1 + (samples / used.length - 1) / (size + 1);
  const [right, wrong] = [correct / effect, (samples - correct) / effect];
  const at = (q: number): Beta => {
    const mean = betaQuantile(q, 0.5 + right, 0.5 + wrong);
    return { a: mean * size, b: (1 - mean) * size };
  };
  const basis = isMeasured ? 'measured' : 'flat';
  return { prior, low: at(0.05), high: at(0.95), problems: used.length, samples, basis };
}

function fitted(used: readonly { attempts: number; successes: number; weight: number }[]): Beta | undefined {
  const prior = fitPrior(used, LEAST_MEASURED);
  return prior === UNIFORM_PRIOR ? undefined : prior;
}

/** The prior if samples show a mean but no spread. */
function pooled(samples: number, correct: number): Beta {
  const mean = (correct + 0.5) / (samples + 1);
  return { a: mean * EXTREME_SIZE, b: (1 - mean) * EXTREME_SIZE };
}
