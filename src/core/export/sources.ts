import type { ChainOrigin, Decision, OverrideOutcome } from '../model/index.ts';
import type { MergeSource } from '../sampling/index.ts';
import { isSelected, type Selectable, type Selection } from './select.ts';

/** To which of the two kinds of training rows a chain belongs: a response of stage 2, or a chain of stage 1. */
export function sourceOf(origin: ChainOrigin): MergeSource {
  return origin === 'sampled' ? 'sampling' : 'dialogue';
}

/**
 * Why a chain of a source is not in an export. `selection`: the quota or the selection of its round, or that over several rounds, left it
 * out. `replaced`, `duplicate` and `conflict`: see mergeRows. `no-problem`: its problem is gone.
 */
export type LeftReason =
  | 'rejected'
  | 'not-accepted'
  | 'overruled'
  | 'filters'
  | 'selection'
  | 'replaced'
  | 'duplicate'
  | 'conflict'
  | 'no-problem';

/** A line of `left-out.jsonl`. */
export interface LeftOut {
  id: string;
  problem_id: string;
  source: MergeSource;
  reason: LeftReason;
  /** The row that stands in its place. */
  by?: string;
}

/** The name of the file that lists them. */
export const LEFT_FILE = 'left-out.jsonl';

/** Why the selection leaves a chain out; undefined where it takes it. A reviewer's word comes first. */
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
