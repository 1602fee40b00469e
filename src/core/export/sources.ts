import type { MergeSource } from '../sampling/index.ts';
import type { ChainOrigin, Decision, OverrideOutcome } from '../schemas/index.ts';
import { isSelected, type Selectable, type Selection } from './select.ts';

/** The kind of training row of a chain: a response of stage 2, or a chain of stage 1. */
export function sourceOf(origin: ChainOrigin): MergeSource {
  return origin === 'sampled' ? 'sampling' : 'dialogue';
}

/**
 * Why a chain is not exported. `selection`: excluded by the quota or selection of its round, or over several rounds. `no-problem`: its problem does
 * not exist any more. `warning`: it has a warning that is left out. `duplicate` and `near-duplicate`: another row has its text, or nearly. `over-cap`:
 * its problem has enough rows. `unpaired`: no chain makes a pair with it, or its problem has enough pairs.
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
  | 'unpaired';

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
