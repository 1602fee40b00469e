import type { Behaviour } from '../../src/core/model/index.ts';
import { REVIEW_KEYS, type ReviewAction } from '../../src/protocol/keys.ts';

/** The part of a keyboard event that decides. */
export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  getModifierState(key: string): boolean;
}

const actions = new Map<string, ReviewAction>(
  REVIEW_KEYS.flatMap(({ action, keys }) => keys.map((key): [string, ReviewAction] => [key.toLowerCase(), action])),
);

/**
 * The action of a key press. Letters are told apart by Shift alone, whatever Caps Lock says; for signs Shift is part of the
 * keyboard's layout (`?` needs it here and not there) and does not count, nor does AltGr, which is Ctrl and Alt. Cmd is Ctrl.
 */
export function actionFor(press: Press): ReviewAction | undefined {
  const { key, metaKey, shiftKey } = press;
  const sign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  const isAltGr = sign && press.getModifierState('AltGraph');
  if (press.altKey && !isAltGr) return undefined;
  const held = metaKey || (press.ctrlKey && !isAltGr);
  const name = [held ? 'ctrl+' : '', shiftKey && !sign ? 'shift+' : '', key.toLowerCase()].join('');
  return actions.get(name);
}

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
