import { z } from 'zod';
import { costOf, type Prices } from '../schemas/cost.ts';

export const BUDGET_KINDS = ['samples', 'requests', 'tokens', 'money', 'seconds'] as const;
export type BudgetKind = (typeof BUDGET_KINDS)[number];

/** Limits of a round; absent ones are unlimited. */
export const Budget = z.object({
  samples: z.number().int().positive().optional(),
  requests: z.number().int().positive().optional(),
  /** Prompt and completion tokens together. */
  tokens: z.number().int().positive().optional(),
  /** In the currency of the prices. */
  money: z.number().positive().optional(),
  /** Wall time; calls in flight are completed. */
  seconds: z.number().positive().optional(),
});
export type Budget = z.infer<typeof Budget>;

/** Used or expected amounts. */
export interface Use {
  samples: number;
  requests: number;
  promptTokens: number;
  completionTokens: number;
}

export const NO_USE: Use = { samples: 0, requests: 0, promptTokens: 0, completionTokens: 0 };

/** The sum of `one` and `times` × `other`. */
export function addUse(one: Use, other: Use, times = 1): Use {
  return {
    samples: one.samples + times * other.samples,
    requests: one.requests + times * other.requests,
    promptTokens: one.promptTokens + times * other.promptTokens,
    completionTokens: one.completionTokens + times * other.completionTokens,
  };
}

/** The first exceeded part of a budget. Seconds and money count only if known: the plan's schema requires prices for a money budget. */
export function exceeded(
  use: Use,
  seconds: number | undefined,
  budget: Budget,
  prices: Prices | undefined,
): BudgetKind | undefined {
  const used: Record<BudgetKind, number | undefined> = {
    samples: use.samples,
    requests: use.requests,
    tokens: use.promptTokens + use.completionTokens,
    money: costOf(use, prices),
    seconds,
  };
  return BUDGET_KINDS.find((kind) => (used[kind] ?? 0) > (budget[kind] ?? Number.POSITIVE_INFINITY));
}
