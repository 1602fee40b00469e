import type { Behaviour } from '../../src/core/schemas/index.ts';
import { REVIEW_KEYS, type ReviewAction } from '../../src/protocol/keys.ts';
import { PageKeys } from '../ui/page-keys.ts';

export const KEYS = new PageKeys<ReviewAction>('review', REVIEW_KEYS);

/** The action of a key press, by the registry. */
export const actionFor = KEYS.actionFor;

export const LABEL_ACTIONS: Readonly<Record<Behaviour, ReviewAction>> = {
  verification: 'labelVerification',
  backtracking: 'labelBacktracking',
  subgoal: 'labelSubgoal',
  backward: 'labelBackward',
};

/** The first key of an action. */
export const keyOf = (action: ReviewAction): string => KEYS.label(action);

/** What to do for an action, in a sentence: `Press A`. */
export const pressOf = (action: ReviewAction): string => KEYS.press(action);

/** Whether an action decides a chain. */
export function isDecision(action: ReviewAction | undefined): boolean {
  return (
    action === 'accept' ||
    action === 'acceptBecause' ||
    action === 'reject' ||
    action === 'skip' ||
    action === 'keepSample'
  );
}

/** Whether an action works without a shown chain. If the chain can't be read, its neighbours can be. */
export function worksWithoutChain(action: ReviewAction, total: number): boolean {
  if (action === 'next' || action === 'previous') return total > 0;
  return action === 'help' || action === 'undo' || action === 'redo';
}
