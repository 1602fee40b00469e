import type { Behaviour } from '../model/index.ts';
import type { CalibrationAct } from './model.ts';

/** What a reviewer says of a sentence. */
export type Label = { kinds: readonly Behaviour[] } | 'skipped';

/** A reviewer's labels by the sentence's place in the plan. */
export interface CalibrationState {
  labels: ReadonlyMap<number, Label>;
  /** The act that an undo takes back, and the one that a redo brings back. */
  undoable: PlainAct | undefined;
  redoable: PlainAct | undefined;
}

export type PlainAct = Extract<CalibrationAct, { act: 'label' | 'skip' }>;

/**
 * The labels after one reviewer's acts in the order of the file. The last standing act on a sentence holds. An undo takes back the last act that
 * stands, whichever sentence it is on; a redo brings back the last one taken back; any other act forgets those. Acts of others, doubled
 * ones, those on sentences beyond the plan and undos of something else change nothing: a merged file never breaks the reader.
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
