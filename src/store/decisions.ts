import type { Decision } from '../core/model/index.ts';
import type { ActRow } from './rows.ts';

/** What one reviewer says of a chain, and when that was said. `at` is absent while pending. */
export interface ReviewerDecision {
  decision: Decision;
  at?: string;
}

const DECISIONS: Partial<Record<ActRow['act'], Decision>> = {
  accept: 'accepted',
  reject: 'rejected',
  skip: 'skipped',
};

/** Folds the acts of one reviewer on one chain, in file order: the last act that decides and is not undone holds. */
export function foldDecision(acts: readonly ActRow[]): ReviewerDecision {
  const undone = new Set<string>();
  for (const act of acts) {
    if (act.target === undefined) continue;
    if (act.act === 'undo') undone.add(act.target);
    else if (act.act === 'redo') undone.delete(act.target);
  }
  for (const act of acts.toReversed()) {
    const decision = DECISIONS[act.act];
    if (decision && !undone.has(act.id)) return { decision, at: act.at };
  }
  return { decision: 'pending' };
}
