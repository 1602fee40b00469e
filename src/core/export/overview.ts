import type { ChainClass } from '../schemas/index.ts';
import { compare } from '../text/compare.ts';
import type { Candidate, RowPlan } from './plan.ts';

/** A selected chain with what is known of its text. */
export interface MeasuredChain extends Candidate {
  class?: ChainClass | undefined;
  tokens: number;
  /** The number of tokens is estimated. */
  estimated: boolean;
  /** UTF-16 code units: all, and those that are trained. */
  size: number;
  trained: number;
}

/** The numbers of planned rows. */
export interface RowOverview {
  tokens: { all: number; trained: number; masked: number; estimated: boolean };
  /** Trained and masked UTF-16 code units. */
  trained: number;
  masked: number;
  classes: Record<string, number>;
  levels: Record<string, number>;
  lengths: { from: number; to: number; rows: number }[];
  median: number;
  longest: number;
}

/** Describes planned rows. The tokens of a part are estimated by its share of the characters. */
export function rowOverview({ train, validation }: Pick<RowPlan<MeasuredChain>, 'train' | 'validation'>): RowOverview {
  const classes = new Map<string, number>();
  const levels = new Map<string, number>();
  const sum = { tokens: 0, trainedTokens: 0, size: 0, trained: 0 };
  let estimated = false;
  const lengths = new Float64Array(train.length + validation.length);
  let row = 0;
  for (const chain of [...train, ...validation]) {
    add(classes, chain.class ?? 'none');
    add(levels, String(chain.level ?? 'none'));
    sum.tokens += chain.tokens;
    sum.trainedTokens += (chain.tokens * chain.trained) / Math.max(1, chain.size);
    sum.size += chain.size;
    sum.trained += chain.trained;
    estimated ||= chain.estimated || chain.trained < chain.size;
    lengths[row++] = chain.tokens;
  }
  lengths.sort();
  const trained = Math.round(sum.trainedTokens);
  return {
    tokens: { all: sum.tokens, trained, masked: sum.tokens - trained, estimated },
    trained: sum.trained,
    masked: sum.size - sum.trained,
    classes: byKey(classes),
    levels: byKey(levels),
    lengths: lengthBins(lengths),
    median: lengths[Math.floor((lengths.length - 1) / 2)] ?? 0,
    longest: lengths.at(-1) ?? 0,
  };
}

/** Bins of a histogram at most. */
const MOST_BINS = 16;

/** Bins of one width, a power of two, from the smallest to the largest of the sorted lengths. */
function lengthBins(sorted: Float64Array): RowOverview['lengths'] {
  const longest = sorted.at(-1);
  if (longest === undefined) return [];
  let width = 16;
  while (width * MOST_BINS <= longest) width *= 2;
  const bins = Array.from({ length: Math.floor(longest / width) + 1 }, (_, i) => ({
    ...{ from: i * width, to: (i + 1) * width, rows: 0 },
  }));
  for (const length of sorted) {
    const bin = bins[Math.floor(length / width)];
    if (bin) bin.rows++;
  }
  // Nothing is shorter than the first bin with rows.
  return bins.slice(bins.findIndex(({ rows }) => rows > 0));
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Numbers in their order, then names; `none` comes last. */
function byKey(counts: Map<string, number>): Record<string, number> {
  const rank = (key: string): number => (key === 'none' ? 2 : Number.isNaN(Number(key)) ? 1 : 0);
  const sorted = [...counts].sort(
    ([a], [b]) => rank(a) - rank(b) || (rank(a) === 0 ? Number(a) - Number(b) : compare(a, b)),
  );
  return Object.fromEntries(sorted);
}
