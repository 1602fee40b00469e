import { z } from 'zod';
import { isNoAnswer, type Outcome, type OverrideOutcome, type ReplyOutcome, sampleOutcome } from '../schemas/index.ts';
import { ENGLISH, type L10n } from '../text/l10n.ts';
import { VERDICT_FILTERS } from './select.ts';

/** A reason why a chain may not belong in a training set. */
export type ChainWarning = 'wrong-answer' | 'no-answer' | 'filtered-out';

/** Input of the warnings of a chain. */
interface WarnedChain {
  outcome: Outcome;
  /** How its last graded reply ended; absent if it was answered. */
  ended?: ReplyOutcome | undefined;
  /** Ids of the failed filters. */
  failed: readonly string[];
  /** A reviewer's outcome, which replaces that of grading. */
  override?: OverrideOutcome | undefined;
}

/** Number of chains with each warning; a chain may have several. */
export const WarningCounts = z.object({
  wrongAnswer: z.number().int().nonnegative(),
  /** The last reply was truncated, blocked, refused, unfinished or empty. Absent in manifests of older versions. */
  noAnswer: z.number().int().nonnegative().default(0),
  filteredOut: z.number().int().nonnegative(),
});
export type WarningCounts = z.infer<typeof WarningCounts>;

/** Warnings of one chain. A wrong or missing answer is reported once: filters that repeat the verdict count only if it is undecided. */
export function chainWarnings({ outcome, ended, failed, override }: WarnedChain): ChainWarning[] {
  const answer = override ?? sampleOutcome(outcome, ended);
  const reported: ChainWarning | undefined = isNoAnswer(answer)
    ? 'no-answer'
    : answer === 'incorrect'
      ? 'wrong-answer'
      : undefined;
  const isDecided = answer === 'correct' || reported !== undefined;
  const isFiltered = failed.some((filter) => !(isDecided && VERDICT_FILTERS.has(filter)));
  return [...(reported === undefined ? [] : [reported]), ...(isFiltered ? (['filtered-out'] as const) : [])];
}

export function countWarnings(chains: Iterable<WarnedChain>): WarningCounts {
  const counts = { wrongAnswer: 0, noAnswer: 0, filteredOut: 0 };
  for (const chain of chains) addWarnings(counts, chain);
  return counts;
}

export function addWarnings(counts: WarningCounts, chain: WarnedChain): void {
  const warnings = chainWarnings(chain);
  if (warnings.includes('wrong-answer')) counts.wrongAnswer++;
  if (warnings.includes('no-answer')) counts.noAnswer++;
  if (warnings.includes('filtered-out')) counts.filteredOut++;
}

/** The counts as `3 with a wrong final answer`; empty without warnings. */
export function formatWarnings({ wrongAnswer, noAnswer, filteredOut }: WarningCounts, l10n: L10n = ENGLISH): string[] {
  return [
    ...(wrongAnswer > 0 ? [l10n.t('{0} with a wrong final answer', l10n.count(wrongAnswer))] : []),
    ...(noAnswer > 0
      ? [l10n.t('{0} without an answer (truncated, blocked, refused, unfinished or empty)', l10n.count(noAnswer))]
      : []),
    ...(filteredOut > 0 ? [l10n.t('{0} filtered out', l10n.count(filteredOut))] : []),
  ];
}
