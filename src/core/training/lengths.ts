import type { RowLengths } from '../model/index.ts';

/** Tokens of one row: all of it, and those that count in the loss. */
export interface RowTokens {
  tokens: number;
  trained: number;
  /** How many tokens there are up to the first trained one, with it; 0 where none is trained. */
  first: number;
}

/**
 * Bytes of UTF-8 in a token of mathematical English, on the low side: an estimate that is too high cuts nothing. Not characters: of one that a
 * tokenizer has no token for, each byte is one.
 */
const BYTES_PER_TOKEN = 2.5;
/** Marks that a chat template puts around two messages. */
const TEMPLATE_TOKENS = 16;
/** Lengths are rounded up to a multiple of this, as kernels like them. */
const STEP = 64;

/** Tokens of texts when no tokenizer can be asked. */
export function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** As `estimateTokens`, for a row of a prompt and an answer of which `trained` bytes count in the loss, after `before` that don't. */
export function estimateRow(row: { prompt: number; answer: number; before: number; trained: number }): RowTokens {
  const { prompt, answer, before, trained } = row;
  return {
    tokens: estimateTokens(prompt + answer) + TEMPLATE_TOKENS,
    trained: estimateTokens(trained),
    first: trained === 0 ? 0 : estimateTokens(prompt + before) + TEMPLATE_TOKENS,
  };
}

/**
 * What is said of the lengths of all rows. `maxLength`: the limit that was asked for; without one it is the longest row, rounded up, so that nothing
 * is cut.
 */
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

/** The smallest value that at least the share `q` of the values does not exceed; 0 of none. */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}
