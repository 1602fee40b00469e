import { z } from 'zod';

/** What a model costs, per million tokens, in whatever currency its provider counts. */
export const Prices = z.object({ prompt: z.number().nonnegative(), completion: z.number().nonnegative() });
export type Prices = z.infer<typeof Prices>;

/** Money for so many tokens; undefined where no prices are known, since an unknown price is not 0. */
export function costOf(
  { promptTokens, completionTokens }: { promptTokens: number; completionTokens: number },
  prices: Prices | undefined,
): number | undefined {
  return prices && (promptTokens * prices.prompt + completionTokens * prices.completion) / 1e6;
}
