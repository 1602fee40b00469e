import { z } from 'zod';
import { costOf, type Prices } from '../model/cost.ts';

export const BUDGET_KINDS = ['samples', 'requests', 'tokens', 'money', 'seconds'] as const;
export type BudgetKind = (typeof BUDGET_KINDS)[number];

/** Where a round ends, whatever its policy; what is absent is not limited. */
export const Budget = z.object({
  samples: z.number().int().positive().optional(),
  requests: z.number().int().positive().optional(),
  /** Prompt and completion tokens together. */
  tokens: z.number().int().positive().optional(),
  /** In the currency of the prices. */
  money: z.number().positive().optional(),
  /** Wall time; calls in flight when it is over are let finish. */
  seconds: z.number().positive().optional(),
});
export type Budget = z.infer<typeof Budget>;

/** What was or will be used. */
export interface Use {
  samples: number;
  requests: number;
  promptTokens: number;
  completionTokens: number;
}

export const NO_USE: Use = { samples: 0, requests: 0, promptTokens: 0, completionTokens: 0 };

/** Two uses added, the second `times` over. */
export function addUse(one: Use, other: Use, times = 1): Use {
  return {
    samples: one.samples + times * other.samples,
    requests: one.requests + times * other.requests,
    promptTokens: one.promptTokens + times * other.promptTokens,
    completionTokens: one.completionTokens + times * other.completionTokens,
  };
}

/**
 * The first part of the budget that the use goes beyond. `seconds` is the time used, undefined where it can't be told; money without
 * prices can't be told either, and neither then ends anything: the schema of a plan asks for prices where there is a money budget.
 */
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
