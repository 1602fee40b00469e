// Which of several prompts all arms are asked with: chosen on development problems only; docs/design/closed-loop.md has the criterion.
import { z } from 'zod';
import { findEqualities } from '../../src/core/behaviours/index.ts';
import type { Chain } from '../../src/core/schemas/index.ts';

const count = z.number().int().nonnegative();

/** What the replies of one variant are worth. */
export const VariantYield = z.object({
  replies: count,
  /** The boxed answer is right. */
  right: count,
  /** Of these: all filters passed, and the text has a right check. */
  checked: count,
  /** Mean completion tokens of the chains. */
  tokens: z.number().nonnegative(),
});
export type VariantYield = z.infer<typeof VariantYield>;

const CHECK = 'Check';

/** Whether a reply has the word with which the prompts begin a check. */
export function mentionsCheck(text: string): boolean {
  return text.includes(CHECK);
}

/** Whether an equality that holds follows the word “Check”. */
export function hasRightCheck(text: string): boolean {
  const at = text.indexOf(CHECK);
  return at >= 0 && findEqualities(text).some(({ start, holds }) => holds && start > at);
}

/**
 * @param chains each once: the right replies, and wrong ones of problems whose gold answer is suspect.
 * @param replies all replies of the variant's round.
 */
export function variantYield(chains: readonly Chain[], replies: number): VariantYield {
  const right = chains.filter(({ verdict }) => verdict.outcome === 'correct');
  const tokens = chains.reduce((sum, chain) => sum + chain.tokens.count, 0);
  return {
    replies,
    right: right.length,
    checked: right.filter(({ passed, text }) => passed && hasRightCheck(text)).length,
    tokens: tokens / Math.max(1, chains.length),
  };
}

/** `prompt`: the variant with the most right chains with a right check. `best`: the one with the most right replies. Fewer tokens break a tie. */
export function chooseVariant(yields: Readonly<Record<string, VariantYield>>): { prompt: string; best: string } {
  const most = (score: (one: VariantYield) => number): string => {
    const [first] = Object.entries(yields).sort(
      ([, one], [, other]) => score(other) - score(one) || one.tokens - other.tokens,
    );
    if (!first) throw new Error('There is no variant of the prompt.');
    return first[0];
  };
  return {
    prompt: most(({ checked, replies }) => checked / Math.max(1, replies)),
    best: most(({ right, replies }) => right / Math.max(1, replies)),
  };
}
