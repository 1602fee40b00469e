import { z } from 'zod';
import type { FindingId } from '../examine/kinds.ts';
import { isNoAnswer, type Outcome, type OverrideOutcome, type ReplyOutcome, sampleOutcome } from '../schemas/index.ts';
import { ENGLISH, type L10n } from '../text/l10n.ts';

/** Filters that only repeat the grading of the final answer; a reviewer's override replaces them. */
export const VERDICT_FILTERS: ReadonlySet<string> = new Set(['final-correct', 'gradable']);

/** Why a chain may not belong in a training set, in the order in which it is reported. */
export const CHAIN_WARNINGS = ['wrong-answer', 'truncated', 'no-answer', 'contaminated', 'filtered-out'] as const;
export type ChainWarning = (typeof CHAIN_WARNINGS)[number];

/** Input of the warnings of a chain. */
interface WarnedChain {
  outcome: Outcome;
  /** How its last graded reply ended; absent if it was answered. */
  ended?: ReplyOutcome | undefined;
  /** Ids of the failed filters. */
  failed: readonly string[];
  /** A reviewer's outcome, which replaces that of grading. */
  override?: OverrideOutcome | undefined;
  /** What the last examination found. */
  findings?: readonly FindingId[];
}

const count = z.number().int().nonnegative();

/** Number of chains with each warning; a chain may have several. */
export const WarningCounts = z.object({
  wrongAnswer: count,
  /** The text ends before its answer. Absent in manifests of older versions, as are the next two. */
  truncated: count.default(0),
  /** The last reply was blocked, refused, unfinished or empty. */
  noAnswer: count.default(0),
  /** Problem or reply share text with a benchmark problem. */
  contaminated: count.default(0),
  filteredOut: count,
});
export type WarningCounts = z.infer<typeof WarningCounts>;

/** The member of WarningCounts that counts a warning. */
export const WARNING_COUNT = {
  'wrong-answer': 'wrongAnswer',
  truncated: 'truncated',
  'no-answer': 'noAnswer',
  contaminated: 'contaminated',
  'filtered-out': 'filteredOut',
} as const satisfies Record<ChainWarning, keyof WarningCounts>;

/** Counts without a chain. */
export const noWarnings = (): WarningCounts => ({
  ...{ wrongAnswer: 0, truncated: 0, noAnswer: 0, contaminated: 0, filteredOut: 0 },
});

/**
 * Warnings of one chain. A reason is reported once: filters that repeat the verdict count only if it is undecided, and those that repeat another
 * warning never.
 */
export function chainWarnings({ outcome, ended, failed, override, findings = [] }: WarnedChain): ChainWarning[] {
  const answer = override ?? sampleOutcome(outcome, ended);
  const isDecided = answer === 'correct' || answer === 'incorrect' || isNoAnswer(answer);
  const is: Record<Exclude<ChainWarning, 'filtered-out'>, boolean> = {
    'wrong-answer': answer === 'incorrect',
    truncated: answer === 'truncated' || findings.includes('truncated'),
    'no-answer': isNoAnswer(answer) && answer !== 'truncated',
    contaminated: failed.includes('decontaminated') || findings.includes('contaminated'),
  };
  const isRepeated = (filter: string): boolean =>
    (isDecided && VERDICT_FILTERS.has(filter)) ||
    (is.contaminated && filter === 'decontaminated') ||
    ((is.truncated || is['no-answer']) && filter === 'finished');
  return CHAIN_WARNINGS.filter((warning) =>
    warning === 'filtered-out' ? failed.some((filter) => !isRepeated(filter)) : is[warning],
  );
}

export function addWarnings(counts: WarningCounts, chain: WarnedChain): void {
  for (const warning of chainWarnings(chain)) counts[WARNING_COUNT[warning]]++;
}

/** What is wrong with the chains of a warning, after their number. */
const PHRASES: Record<ChainWarning, string> = {
  'wrong-answer': '{0} with a wrong final answer',
  truncated: '{0} truncated before an answer',
  'no-answer': '{0} without an answer (blocked, refused, unfinished or empty)',
  contaminated: '{0} with text of a benchmark problem',
  'filtered-out': '{0} filtered out',
};

/** A number of chains with a warning, as `3 with a wrong final answer`. */
export function formatWarning(warning: ChainWarning, chains: number, l10n: L10n = ENGLISH): string {
  return l10n.t(PHRASES[warning], l10n.count(chains));
}

/** The counts as `3 with a wrong final answer`; empty without warnings. */
export function formatWarnings(counts: WarningCounts, l10n: L10n = ENGLISH): string[] {
  return CHAIN_WARNINGS.flatMap((warning) => {
    const chains = counts[WARNING_COUNT[warning]];
    return chains > 0 ? [formatWarning(warning, chains, l10n)] : [];
  });
}
