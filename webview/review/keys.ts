import type { Behaviour } from '../../src/core/schemas/index.ts';
import { REVIEW_KEYS, type ReviewAction } from '../../src/protocol/keys.ts';
import { actionsOf } from '../ui/keyboard.ts';

/** The action of a key press, by the registry. */
export const actionFor = actionsOf<ReviewAction>(REVIEW_KEYS);

export const LABEL_ACTIONS: Readonly<Record<Behaviour, ReviewAction>> = {
  verification: 'labelVerification',
  backtracking: 'labelBacktracking',
  subgoal: 'labelSubgoal',
  backward: 'labelBackward',
};

/** The first key of an action. */
export function keyOf(action: ReviewAction): string {
  return REVIEW_KEYS.find((entry) => entry.action === action)?.keys[0] ?? '';
}

/** Whether an action decides the chain and moves on. */
export function isDecision(action: ReviewAction): boolean {
  return action === 'accept' || action === 'reject' || action === 'skip';
}

/** Whether an action works without a shown chain. If the chain can't be read, its neighbours can be. */
export function worksWithoutChain(action: ReviewAction, total: number): boolean {
  if (action === 'next' || action === 'previous') return total > 0;
  return action === 'help' || action === 'undo' || action === 'redo';
}
