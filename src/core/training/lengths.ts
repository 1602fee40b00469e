import type { RowLengths } from '../schemas/index.ts';

/** Tokens of one row, and those in the loss. */
export interface RowTokens {
  tokens: number;
  trained: number;
  /** Number of tokens up to and including the first trained one; 0 if none is trained. */
  first: number;
}

/** UTF-8 bytes per token of mathematical English, a low value so that nothing is truncated. Characters without a token have one per byte. */
const BYTES_PER_TOKEN = 2.5;
/** Tokens that a chat template adds to two messages. */
const TEMPLATE_TOKENS = 16;
/** Lengths are rounded up to a multiple of this for efficient kernels. */
const STEP = 64;

/** Estimated tokens without a tokenizer. */
function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** The estimate for a row with a prompt and an answer of which `trained` bytes count in the loss, after `before` others. */
export function estimateRow(row: { prompt: number; answer: number; before: number; trained: number }): RowTokens {
  const { prompt, answer, before, trained } = row;
  return {
    tokens: estimateTokens(prompt + answer) + TEMPLATE_TOKENS,
    trained: estimateTokens(trained),
    first: trained === 0 ? 0 : estimateTokens(prompt + before) + TEMPLATE_TOKENS,
  };
}

/** Whether any text of any row is trained. */
export const isAnyTrained = (rows: readonly RowTokens[]): boolean => rows.some(({ trained }) => trained > 0);

/** Tokens of the longest row; 0 without rows. There may be more rows than a call can have arguments. */
export const longestOf = (rows: readonly RowTokens[]): number =>
  rows.reduce((most, { tokens }) => Math.max(most, tokens), 0);

/** The lengths of all rows. Without `maxLength`, the limit is the longest row, rounded up, so that nothing is truncated. */
export function summariseLengths(rows: readonly RowTokens[], exact: boolean, maxLength?: number): RowLengths {
  const sorted = rows.map(({ tokens }) => tokens).sort((a, b) => a - b);
  const longest = sorted.at(-1) ?? 0;
  const limit = maxLength ?? Math.max(STEP, Math.ceil(longest / STEP) * STEP);
  return {
    exact,
    rows: rows.length,
    tokens: rows.reduce((sum, row) => sum + row.tokens, 0),
    trained: rows.reduce((sum, row) => sum + row.trained, 0),
    median: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    longest,
    maxLength: limit,
    cut: sorted.filter((tokens) => tokens > limit).length,
    empty: rows.filter(({ trained }) => trained === 0).length,
    emptied: rows.filter(({ trained, first }) => trained > 0 && first > limit).length,
  };
}

/** The smallest value that at least the share `q` of the values does not exceed; 0 without values. */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}
