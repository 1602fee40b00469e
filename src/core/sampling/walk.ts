import { lnBeta } from '../maths/special.ts';
import type { Beta } from './posterior.ts';
import { limitOf, priority, type Rule, samplesNow } from './rule.ts';

/** Distribution of a problem's pass rate, or the rate itself. */
type Belief = Beta | { p: number };

/** A state of a problem in this round with its probability. */
export interface Reached {
  drawn: number;
  successes: number;
  chance: number;
}

interface WalkOptions {
  /** Maximum samples per request (`n`), at least 1. */
  perRequest: number;
  /** Samples below this priority are not drawn: the end of a budget. */
  least?: number;
  /** For stages: the chance that a problem which would enter stage i + 1 does enter it. */
  gates?: readonly number[];
  /** Start of the walk; the belief is that before any sample of the round. */
  from?: readonly Reached[];
}

/** Paths with a lower probability end where they are. */
const NEGLIGIBLE = 1e-13;

export interface Walk {
  /** Expected numbers from the start of the walk. */
  samples: number;
  requests: number;
  /** All states in which the rule ends; their chances sum to those of `from`. */
  ends: Reached[];
}

/**
 * All paths of a problem under a rule with exact probabilities: correct samples of a batch are binomial given p, and beta-binomial given a
 * Beta belief, updated by the samples drawn.
 */
export function walk(rule: Rule, belief: Belief, options: WalkOptions): Walk {
  const { perRequest, least = Number.NEGATIVE_INFINITY, gates = [] } = options;
  const levels = new Map<number, Map<number, number>>();
  const add = (drawn: number, successes: number, chance: number): void => {
    const level = levels.get(drawn) ?? new Map<number, number>();
    levels.set(drawn, level);
    level.set(successes, (level.get(successes) ?? 0) + chance);
  };
  for (const { drawn, successes, chance } of options.from ?? [{ drawn: 0, successes: 0, chance: 1 }])
    add(drawn, successes, chance);
  const result: Walk = { samples: 0, requests: 0, ends: [] };
  const last = Math.max(limitOf(rule), ...levels.keys());
  for (let drawn = 0; drawn <= last; drawn++) {
    for (const [successes, mass] of levels.get(drawn) ?? []) {
      const wanted = mass < NEGLIGIBLE ? 0 : samplesNow(rule, drawn, successes);
      const batch = affordable(rule, drawn, successes, wanted, least);
      const open = batch > 0 ? gateOf(rule, drawn, gates) : 0;
      if (open < 1) result.ends.push({ drawn, successes, chance: mass * (1 - open) });
      if (open === 0) continue;
      const chance = mass * open;
      result.samples += chance * batch;
      result.requests += chance * Math.ceil(batch / perRequest);
      correctOf(belief, drawn, successes, batch).forEach((share, correct) => {
        if (batch < wanted)
          result.ends.push({ drawn: drawn + batch, successes: successes + correct, chance: chance * share });
        else add(drawn + batch, successes + correct, chance * share);
      });
    }
    levels.delete(drawn);
  }
  return result;
}

/** The part of a batch that has at least the priority; priorities decrease from sample to sample. */
function affordable(rule: Rule, drawn: number, successes: number, wanted: number, least: number): number {
  if (wanted === 0 || priority(rule, drawn + wanted - 1, successes) >= least) return wanted;
  let batch = 0;
  while (batch < wanted && priority(rule, drawn + batch, successes) >= least) batch += 1;
  return batch;
}

function gateOf(rule: Rule, drawn: number, gates: readonly number[]): number {
  return rule.kind === 'stages' ? (gates[rule.ends.indexOf(drawn)] ?? 1) : 1;
}

/** Distribution of the number of correct samples among `batch` more, by index. */
function correctOf(belief: Belief, drawn: number, successes: number, batch: number): number[] {
  if ('p' in belief) return binomial(belief.p, batch);
  const a = belief.a + successes;
  const b = belief.b + drawn - successes;
  // P(all wrong), then each further correct one by its ratio; with logarithms only if the product would underflow.
  const none = batch <= SHORT ? allWrong(a, b, batch) : 0;
  if (none > LEAST_PRODUCT) {
    const shares = [none];
    for (let k = 1; k <= batch; k++) shares.push((shares[k - 1] ?? 0) * oneMore(a, b, batch, k));
    return shares;
  }
  let log = lnBeta(a, b + batch) - lnBeta(a, b);
  return Array.from({ length: batch + 1 }, (_, k) => {
    if (k > 0) log += Math.log(oneMore(a, b, batch, k));
    return Math.exp(log);
  });
}

const SHORT = 64;
const LEAST_PRODUCT = 1e-200;

function allWrong(a: number, b: number, batch: number): number {
  let product = 1;
  for (let k = 0; k < batch; k++) product *= (b + k) / (a + b + k);
  return product;
}

/** P(k of the batch correct) over P(k − 1). */
function oneMore(a: number, b: number, batch: number, k: number): number {
  return ((batch - k + 1) * (a + k - 1)) / (k * (b + batch - k));
}

function binomial(p: number, batch: number): number[] {
  if (p <= 0 || p >= 1) return Array.from({ length: batch + 1 }, (_, k) => (k === (p >= 1 ? batch : 0) ? 1 : 0));
  let log = batch * Math.log1p(-p);
  return Array.from({ length: batch + 1 }, (_, k) => {
    if (k > 0) log += Math.log(((batch - k + 1) / k) * (p / (1 - p)));
    return Math.exp(log);
  });
}

/** Expected costs and results of a problem in one round. */
export interface Expected {
  samples: number;
  requests: number;
  /** Correct responses drawn, as in method.md's table. */
  correct: number;
  /** Correct responses left if at most `keep` are kept. */
  kept: number;
  /** Chance of at least one correct response. */
  solved: number;
}

export const NOTHING: Readonly<Expected> = { samples: 0, requests: 0, correct: 0, kept: 0, solved: 0 };

/** The expectations over a walk's ends. `keep`: maximum of kept responses per problem. */
export function expectedOf({ samples, requests, ends }: Walk, keep: number): Expected {
  const mean = (value: (successes: number) => number): number =>
    ends.reduce((sum, { successes, chance }) => sum + chance * value(successes), 0);
  return {
    samples,
    requests,
    correct: mean((successes) => successes),
    kept: mean((successes) => Math.min(keep, successes)),
    solved: mean((successes) => (successes > 0 ? 1 : 0)),
  };
}
