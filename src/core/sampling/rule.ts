import type { Beta } from './posterior.ts';

/** When a problem is sampled, as data: the common form of all policies for planning (`walk.ts`) and running (`sampler.ts`). */
export type Rule =
  /** A fixed number of samples; may be fractional in a plan. */
  | { kind: 'total'; total: number }
  /** The next stage while nothing was correct; `ends` are cumulative samples, ascending. */
  | { kind: 'stages'; ends: readonly number[] }
  /** Until `correct` are correct, at most `atMost` samples. */
  | { kind: 'target'; correct: number; atMost: number }
  | IndexRule;

/** While the expected gain of the next sample is at least `floor`: see `policies/adaptive.ts`. */
export interface IndexRule {
  kind: 'index';
  /** Before this round's samples. */
  belief: Beta;
  wanted: number;
  /** Value of each correct response after the first, relative to the first. */
  furtherWorth: number;
  floor: number;
  atMost: number;
  /** Minimum batch size as a share of the samples drawn. */
  growth: number;
}

/** Maximum number of samples of a rule. */
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
 * Size of the next batch after `drawn` samples with `successes` correct ones; 0 ends the problem. Outcomes count when the whole batch is
 * complete. A target asks for exactly what is missing: fewer can't reach it, and more could be too many.
 */
export function samplesNow(rule: Rule, drawn: number, successes: number): number {
  switch (rule.kind) {
    case 'total':
      return Math.max(0, rule.total - drawn);
    case 'stages': {
      const end = rule.ends.find((stage) => stage > drawn) ?? drawn;
      // A stage is always completed; at its end a success ends the cascade.
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
 * Order in which samples are drawn, highest first: the fewest samples so far, or for the index rule the expected gain of the next sample,
 * (a + s)/(a + b + n) times the value of a further correct response.
 */
export function priority(rule: Rule, drawn: number, successes: number): number {
  if (rule.kind !== 'index') return -drawn;
  const { a, b } = rule.belief;
  return ((a + successes) / (a + b + drawn)) * (successes === 0 ? 1 : rule.furtherWorth);
}
