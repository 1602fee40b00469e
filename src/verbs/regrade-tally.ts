import type { GradingCounts, GradingRow, Verdict } from '../core/model/index.ts';

/** The grader’s own trouble, which says nothing of the answer and may not come again. */
export function isTrouble({ outcome }: Verdict): boolean {
  return outcome === 'timeout' || outcome === 'error';
}

/** Counts what a regrading finds, while it does. */
export class RegradeTally {
  readonly counts: GradingCounts = {
    answers: 0,
    chains: 0,
    flips: { answers: {}, chains: {}, classes: {} },
    passedBefore: 0,
    passedAfter: 0,
  };
  /** Answers whose verdict was known from an earlier run. */
  reused = 0;
  /** Problems that are gone. */
  readonly missing = new Set<string>();

  /** Each answer and chain once. */
  add(row: GradingRow): void {
    const { counts } = this;
    if (row.kind === 'answer') {
      counts.answers += 1;
      flip(counts.flips.answers, row.old?.outcome, row.new.outcome);
      return;
    }
    counts.chains += 1;
    if (row.oldPassed) counts.passedBefore += 1;
    if (row.newPassed) counts.passedAfter += 1;
    flip(counts.flips.chains, row.old?.outcome, row.new.outcome);
    flip(counts.flips.classes, row.oldClass, row.newClass);
  }
}

function flip(flips: Record<string, number>, old: string | undefined, now: string | undefined): void {
  if (old === now) return;
  const key = `${old ?? 'none'} → ${now ?? 'none'}`;
  flips[key] = (flips[key] ?? 0) + 1;
}
