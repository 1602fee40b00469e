import {
  type Decision,
  type Outcome,
  type OverrideOutcome,
  type ReplyOutcome,
  sampleOutcome,
} from '../../schemas/index.ts';
import { isSelected, type Selectable, type Selection } from '../select.ts';

/** Input of the label of a chain. */
export interface Labelled extends Selectable {
  outcome: Outcome;
  /** How its last graded reply ended; absent if it was answered. */
  ended?: ReplyOutcome | undefined;
  /** The samples of its problem agree on another answer than the gold answer. */
  suspectGold?: boolean;
}

/**
 * Whether a chain is an example to follow: true if it is selected, false if a reviewer rejected it. With `passed` it is also false for a wrong
 * final answer. Undefined for all other chains, which are in no such set: a chain that repeats itself may still be right,
 * and so may one whose gold answer is suspect.
 */
export function chainLabel(
  chain: Labelled,
  decision: Decision,
  override: OverrideOutcome | undefined,
  select: Selection,
): boolean | undefined {
  if (isSelected(chain, decision, override, select)) return true;
  if (decision === 'rejected') return false;
  if (select === 'accepted' || decision === 'accepted') return undefined;
  if (override === undefined && chain.suspectGold) return undefined;
  return (override ?? sampleOutcome(chain.outcome, chain.ended)) === 'incorrect' ? false : undefined;
}
