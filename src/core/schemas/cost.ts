import { z } from 'zod';
import { defined } from '../defined.ts';

const amount = z.number().nonnegative();

/** Prices of a model per million tokens, in the currency of its provider. */
export const Prices = z.object({ prompt: amount, completion: amount });
export type Prices = z.infer<typeof Prices>;

/** Expected use of the calls of a round, an evaluation or a judge. */
export const CostEstimate = z.object({
  requests: amount,
  promptTokens: amount,
  completionTokens: amount,
  /** If every answer has its maximum length. */
  completionTokensMax: amount.optional(),
  /** Absent if prices are unknown. */
  cost: amount.optional(),
  /** Absent if the speed is unknown. */
  seconds: amount.optional(),
});
export type CostEstimate = z.infer<typeof CostEstimate>;

/** Calls that were made, and what they used. */
export const CallUse = z.object({
  /** Paid for, and answered by the journal. */
  calls: z.number().int().nonnegative(),
  reused: z.number().int().nonnegative(),
  retries: z.number().int().nonnegative(),
  promptTokens: z.number().int().nonnegative(),
  completionTokens: z.number().int().nonnegative(),
  /** Null without prices. */
  cost: amount.nullable(),
  seconds: amount,
});
export type CallUse = z.infer<typeof CallUse>;

type Tokens = Pick<CostEstimate, 'promptTokens' | 'completionTokens'>;

/** Cost of some tokens; undefined without prices. */
export function costOf({ promptTokens, completionTokens }: Tokens, prices: Prices | undefined): number | undefined {
  return prices && (promptTokens * prices.prompt + completionTokens * prices.completion) / 1e6;
}

/** `use` with its cost and seconds, if prices and speed (tokens per second) are known. */
export function estimated<T extends Tokens>(
  use: T,
  prices: Prices | undefined,
  tokensPerSecond: number | undefined,
): T & Pick<CostEstimate, 'cost' | 'seconds'> {
  const seconds = tokensPerSecond === undefined ? undefined : use.completionTokens / tokensPerSecond;
  return { ...use, ...defined({ cost: costOf(use, prices), seconds }) };
}
