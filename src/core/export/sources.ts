import type { MergeSource } from '../sampling/index.ts';
import type { ChainOrigin, Decision, OverrideOutcome } from '../schemas/index.ts';
import { ENGLISH, type L10n } from '../text/l10n.ts';
import { isSelected, type Selectable, type Selection } from './select.ts';

/** The kind of training row of a chain: a response of stage 2, or a chain of stage 1. */
export function sourceOf(origin: ChainOrigin): MergeSource {
  return origin === 'sampled' ? 'sampling' : 'dialogue';
}

/**
 * Why a chain is not exported. `selection`: excluded by the quota or selection of its round, or over several rounds. `no-problem`: its problem does
 * not exist any more. `warning`: it has a warning that is left out. `duplicate` and `near-duplicate`: another row has its text, or nearly. `over-cap`:
 * its problem has enough rows. `unpaired`: no chain makes a pair with it, or its problem has enough pairs. `same-text`:
 * every chain to pair it with has its text. `form`: the form can't express it.
 */
export type LeftReason =
  | 'rejected'
  | 'not-accepted'
  | 'overruled'
  | 'filters'
  | 'selection'
  | 'no-problem'
  | 'warning'
  | 'duplicate'
  | 'near-duplicate'
  | 'over-cap'
  | 'unpaired'
  | 'same-text'
  | 'form';

/** What is the matter with chains or problems of a reason, after their number. */
const PHRASES: Readonly<Record<LeftReason | LeftProblemReason, string>> = {
  rejected: '{0} rejected by a reviewer',
  'not-accepted': '{0} not accepted',
  overruled: '{0} overruled by a reviewer',
  filters: '{0} that failed a filter',
  selection: '{0} over the quota or selection of a round',
  'no-problem': '{0} without a problem',
  warning: '{0} with an excluded warning',
  duplicate: '{0} with the text of another row',
  'near-duplicate': '{0} with a near-duplicate in another row',
  'over-cap': '{0} over the rows per problem',
  unpaired: '{0} without another chain to pair with',
  'same-text': '{0} with the text of the chain to pair with',
  form: '{0} that the form can’t express',
  'suspect-gold': '{0} with a suspect gold answer',
  'pass-rate': '{0} outside the pass rates',
};

/** Numbers by reason as `3 rejected by a reviewer`. An unknown reason, of another version, stays as it is. */
export function formatLeft(left: Readonly<Record<string, number>>, l10n: L10n = ENGLISH): string[] {
  const phrases: Readonly<Record<string, string>> = PHRASES;
  return Object.entries(left).map(([reason, number]) =>
    l10n.t(Object.hasOwn(PHRASES, reason) ? (phrases[reason] ?? reason) : `{0} ${reason}`, l10n.count(number)),
  );
}

/** Why a problem has no row in a form of problems. `pass-rate`: outside the chosen range. */
export type LeftProblemReason = 'suspect-gold' | 'pass-rate' | 'warning';

/** A line of `left-out.jsonl`. */
export interface LeftOut {
  id: string;
  problem_id: string;
  source: MergeSource;
  reason: LeftReason;
  /** The row that is exported instead. */
  by?: string;
}

export const LEFT_FILE = 'left-out.jsonl';

/** Why a chain is not selected; undefined if it is. The reviewers' decision comes first. */
export function whyNot(
  chain: Selectable,
  decision: Decision,
  override: OverrideOutcome | undefined,
  select: Selection,
): LeftReason | undefined {
  if (isSelected(chain, decision, override, select)) return undefined;
  if (decision === 'rejected') return 'rejected';
  if (select === 'accepted') return 'not-accepted';
  if (chain.quotaDropped) return 'selection';
  return override === undefined || override === 'correct' ? 'filters' : 'overruled';
}
