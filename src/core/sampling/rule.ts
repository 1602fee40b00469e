import type { Beta } from './posterior.ts';

/**
 * When one problem is sampled and when it is left, as data. Every policy comes down to one of these per problem, and both planning
 * (`walk.ts`) and running (`sampler.ts`) ask nothing but `samplesNow` and `priority`.
 */
export type Rule =
  /** So many samples, whatever comes of them. Not whole only while a plan is computed. */
  | { kind: 'total'; total: number }
  /** On to the next stage while nothing was correct; `ends` are cumulative samples, ascending. */
  | { kind: 'stages'; ends: readonly number[] }
  /** Until `correct` are correct, at most `atMost` samples. */
  | { kind: 'target'; correct: number; atMost: number }
  | IndexRule;

/** While the next sample is expected to bring at least `floor`: see `policies/adaptive.ts`. */
export interface IndexRule {
  kind: 'index';
  /** Belief before this round's samples. */
  belief: Beta;
  wanted: number;
  /** What a correct response after the first is worth, the first being 1. */
  furtherWorth: number;
  floor: number;
  atMost: number;
  /** A batch is at least this share of the samples drawn so far. */
  growth: number;
}

/** The most samples that the rule can ask for. */
export function limitOf(rule: Rule): number {
  switch (rule.kind) {
    case 'total':
      return rule.total;
    case 'stages':
      return rule.ends.at(-1) ?? 0;
    default:
      return rule.atMost;
  }
}

/**
 * How many more samples to ask for at once, after `drawn` samples of which `successes` were correct; 0 = the problem is left. The
 * result counts as known only when all of them have come back. A target asks for as many as it lacks: fewer can't reach it, and more
 * could be too many.
 */
export function samplesNow(rule: Rule, drawn: number, successes: number): number {
  switch (rule.kind) {
    case 'total':
      return Math.max(0, rule.total - drawn);
    case 'stages': {
      const end = rule.ends.find((stage) => stage > drawn) ?? drawn;
      // Within a stage it is finished whatever came so far; at its end a success ends the cascade.
      return successes > 0 && (drawn === 0 || rule.ends.includes(drawn)) ? 0 : end - drawn;
    }
    case 'target':
      return Math.max(0, Math.min(rule.correct - successes, rule.atMost - drawn));
    case 'index': {
      if (successes >= rule.wanted || priority(rule, drawn, successes) < rule.floor) return 0;
      const batch = Math.max(rule.wanted - successes, Math.ceil(rule.growth * drawn));
      return Math.max(0, Math.min(batch, rule.atMost - drawn));
    }
  }
}

/**
 * Which sample comes first when there is not enough of something for all: the highest. The fewest samples so far, or for the index
 * rule the expected gain of the next sample, (a + s)/(a + b + n) times what a further correct response is worth.
 */
export function priority(rule: Rule, drawn: number, successes: number): number {
  if (rule.kind !== 'index') return -drawn;
  const { a, b } = rule.belief;
  return ((a + successes) / (a + b + drawn)) * (successes === 0 ? 1 : rule.furtherWorth);
}
