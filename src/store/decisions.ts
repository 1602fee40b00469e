import { defined } from '../core/defined.ts';
import type { Decision, OverrideOutcome } from '../core/schemas/index.ts';
import type { ActRow } from './chain-index/rows.ts';

/** One reviewer's decision on a chain, and its time; `at` is absent while pending. */
export interface ReviewerDecision<Act = ActRow> {
  decision: Decision;
  at?: string;
  /** Overrides the grader's verdict on the final answer. */
  override?: OverrideOutcome;
  /** The text was edited. */
  edited?: true;
  /** The act of the last note. */
  note?: Act;
  tags?: readonly string[];
  /** Whom the reviewer has assigned the chain to. */
  assigned?: string;
  /** Ids of the acts that an undo and a redo would reverse, if all acts fit the text. */
  undoable?: string;
  redoable?: string;
}

const DECISIONS: Partial<Record<ActRow['act'], Decision>> = {
  accept: 'accepted',
  reject: 'rejected',
  skip: 'skipped',
};

/** What of an act decides. */
type DecidingAct = Pick<ActRow, 'id' | 'at' | 'act' | 'target' | 'outcome' | 'tag' | 'to'>;

/**
 * Decision and override from the acts of one reviewer on one chain in file order, as `foldActs` of core/review computes them. The index has no texts, so edits
 * and labels are not checked against them.
 */
export function foldDecision<Act extends DecidingAct>(acts: readonly Act[]): ReviewerDecision<Act> {
  const done: Act[] = [];
  const undone: Act[] = [];
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
  const edited = done.some((act) => act.act === 'edit') ? (true as const) : undefined;
  const note = done.findLast((act) => act.act === 'note');
  const override = done.findLast((act) => act.act === 'override')?.outcome;
  return {
    ...(last && decision ? { decision, at: last.at } : { decision: 'pending' }),
    ...defined({ override, edited, note, tags: tagsOf(done) }),
    ...defined({
      assigned: done.findLast((act) => act.act === 'assign')?.to || undefined,
      undoable: done.at(-1)?.id,
      redoable: undone.at(-1)?.id,
    }),
  };
}

/** The tags in the order of the acts; undefined without one. */
function tagsOf(done: readonly DecidingAct[]): readonly string[] | undefined {
  const tags = new Set<string>();
  for (const { act, tag } of done) {
    if (tag === undefined) continue;
    tags.delete(tag);
    if (act === 'tag') tags.add(tag);
  }
  return tags.size === 0 ? undefined : [...tags];
}
