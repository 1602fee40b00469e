import type { Behaviour } from '../../src/core/model/index.ts';
import { REVIEW_KEYS, type ReviewAction } from '../../src/protocol/keys.ts';
import { actionsOf } from '../ui/press.ts';

/** The action of a key press, by the registry. */
export const actionFor = actionsOf<ReviewAction>(REVIEW_KEYS);

/** What labels a selection or a span as each kind. */
export const LABEL_ACTIONS: Readonly<Record<Behaviour, ReviewAction>> = {
  verification: 'labelVerification',
  backtracking: 'labelBacktracking',
  subgoal: 'labelSubgoal',
  backward: 'labelBackward',
};

/** The first key of an action, as it stands on its button. */
export function keyOf(action: ReviewAction): string {
  return REVIEW_KEYS.find((entry) => entry.action === action)?.keys[0] ?? '';
}

/** Whether there is something to do while no chain is shown; where one of a queue of `total` can't be read, one goes on to its neighbours. */
export function worksWithoutChain(action: ReviewAction, total: number): boolean {
  if (action === 'next' || action === 'previous') return total > 0;
  return action === 'help' || action === 'undo' || action === 'redo';
}
