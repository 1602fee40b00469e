import type { Decision, OverrideOutcome } from '../core/model/index.ts';
import type { ActRow } from './rows.ts';

/** What one reviewer says of a chain, and when that was said. `at` is absent while pending. */
export interface ReviewerDecision {
  decision: Decision;
  at?: string;
  /** What was said of the final answer in the grader's place. */
  override?: OverrideOutcome;
}

const DECISIONS: Partial<Record<ActRow['act'], Decision>> = {
  accept: 'accepted',
  reject: 'rejected',
  skip: 'skipped',
};

/**
 * The decision and the override that `foldActs` of core/review comes to, for the acts of one reviewer on one chain in file order. The index holds no
 * texts, so an edit or label that does not fit its text counts here as an act that could be undone; in a file of ours there is none.
 */
export function foldDecision(acts: readonly ActRow[]): ReviewerDecision {
  const done: ActRow[] = [];
  const undone: ActRow[] = [];
  for (const act of acts) {
    if (act.act === 'undo' || act.act === 'redo') {
      const [from, to] = act.act === 'undo' ? [done, undone] : [undone, done];
      const last = from.at(-1);
      if (last === undefined || last.id !== act.target) continue;
      from.pop();
      to.push(last);
    } else {
      done.push(act);
      undone.length = 0;
    }
  }
  const last = done.findLast((act) => DECISIONS[act.act] !== undefined);
  const decision = last && DECISIONS[last.act];
  const override = done.findLast((act) => act.act === 'override')?.outcome;
  return {
    ...(last && decision ? { decision, at: last.at } : { decision: 'pending' }),
    ...(override ? { override } : {}),
  };
}
