import type { Chain, GradingCounts, Verdict } from '../core/model/index.ts';

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

  answer(old: Verdict | undefined, now: Verdict, reused: boolean): void {
    this.counts.answers += 1;
    if (reused) this.reused += 1;
    flip(this.counts.flips.answers, old?.outcome, now.outcome);
  }

  chain(before: Chain, after: Chain): void {
    const { counts } = this;
    counts.chains += 1;
    if (before.passed) counts.passedBefore += 1;
    if (after.passed) counts.passedAfter += 1;
    flip(counts.flips.chains, before.verdict.outcome, after.verdict.outcome);
    flip(counts.flips.classes, before.class, after.class);
  }
}

function flip(flips: Record<string, number>, old: string | undefined, now: string | undefined): void {
  if (old === now) return;
  const key = `${old ?? 'none'} → ${now ?? 'none'}`;
  flips[key] = (flips[key] ?? 0) + 1;
}
