import type { Behaviour } from '../../schemas/index.ts';
import type { CalibrationAct } from './model.ts';

export type Label = { kinds: readonly Behaviour[] } | 'skipped';

/** A reviewer's labels by index of the sentence in the plan. */
export interface CalibrationState {
  labels: ReadonlyMap<number, Label>;
  /** The acts that undo and redo would affect. */
  undoable: PlainAct | undefined;
  redoable: PlainAct | undefined;
}

export type PlainAct = Extract<CalibrationAct, { act: 'label' | 'skip' }>;

/**
 * The labels after one reviewer's acts, in file order. The last act on a sentence counts. Undo reverts the last act on any sentence, redo
 * restores the last reverted one, and any other act clears the redo list. Invalid acts are ignored, so that a merged file can always be read.
 */
export function foldCalibration(
  plan: { reviewer: string; sentences: readonly unknown[] },
  acts: readonly CalibrationAct[],
): CalibrationState {
  const done: PlainAct[] = [];
  const undone: PlainAct[] = [];
  const seen = new Set<string>();
  for (const act of acts) {
    if (act.reviewer !== plan.reviewer || seen.has(act.id)) continue;
    seen.add(act.id);
    if (act.act === 'undo' || act.act === 'redo') {
      const [from, to] = act.act === 'undo' ? [done, undone] : [undone, done];
      const last = from.at(-1);
      if (last === undefined || last.id !== act.target) continue;
      from.pop();
      to.push(last);
    } else if (act.sentence < plan.sentences.length) {
      done.push(act);
      undone.length = 0;
    }
  }
  const labels = new Map<number, Label>();
  for (const act of done) labels.set(act.sentence, act.act === 'skip' ? 'skipped' : { kinds: act.kinds });
  return { labels, undoable: done.at(-1), redoable: undone.at(-1) };
}
