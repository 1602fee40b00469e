import type { PhaseRun } from '../../../src/core/review/phase-runs.ts';
import { BEHAVIOURS, type Behaviour } from '../../../src/core/schemas/index.ts';
import { oneLine } from '../../../src/core/text/format.ts';
import { firstWhere } from '../../rendering/column.ts';
import { pieceTitle, type TraceContent } from '../../rendering/trace.ts';

/** A part of the trace in the outline. */
export interface OutlineRow extends PhaseRun {
  /** The piece of the chain in which it begins, if the chain has several. */
  piece: string | undefined;
  /** The beginning of its first sentence. */
  words: string;
  /** Acts that begin in it; a span without known acts counts as one. */
  acts: { kind: Behaviour; count: number }[];
}

/** Maximum length of the first words, in code units. */
const WORDS = 90;

/** The rows of a trace, in order. */
export function outlineRows(
  runs: readonly PhaseRun[],
  { text, spans, segments }: Pick<TraceContent, 'text' | 'spans' | 'segments'>,
): OutlineRow[] {
  const counts = runs.map(() => new Map<Behaviour, number>());
  for (const { kind, start, acts = [{ start }] } of spans) {
    for (const act of acts) {
      const found = counts[firstWhere(runs, ({ end }) => end > act.start)];
      found?.set(kind, (found.get(kind) ?? 0) + 1);
    }
  }
  return runs.map((run, index) => {
    const piece = segments.length < 2 ? undefined : segments.find(({ end }) => end > run.start)?.piece;
    return {
      ...run,
      piece: piece === undefined ? undefined : pieceTitle(piece),
      words: oneLine(text.slice(run.start, Math.min(run.firstEnd, run.start + 4 * WORDS)), WORDS),
      acts: BEHAVIOURS.flatMap((kind) => {
        const count = counts[index]?.get(kind);
        return count === undefined ? [] : [{ kind, count }];
      }),
    };
  });
}

/** The rows that contain every typed word, in their phase, piece, first words or behaviours. */
export function filterRows(rows: readonly OutlineRow[], typed: string): OutlineRow[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ phase, piece = '', words: first, acts }) => {
    const whole = [phase, piece, first, ...acts.map(({ kind }) => kind)].join(' ').toLowerCase();
    return words.every((word) => whole.includes(word));
  });
}
