import {
  type GradingCounts,
  type GradingRow,
  type SampleOutcome,
  sampleOutcome,
  type Verdict,
} from '../../core/schemas/index.ts';

/** A failure of the grader itself, which may not occur again. */
export function isGraderFailure({ outcome }: Verdict): boolean {
  return outcome === 'timeout' || outcome === 'error';
}

/** Counts the changes of a regrading. */
export class RegradeTally {
  readonly counts: GradingCounts = {
    answers: 0,
    chains: 0,
    flips: { answers: {}, chains: {}, classes: {} },
    passedBefore: 0,
    passedAfter: 0,
  };
  /** Answers with a verdict from an earlier run. */
  reused = 0;
  /** Problems that no longer exist. */
  readonly missing = new Set<string>();

  /** Called once for each answer and chain. */
  add(row: GradingRow): void {
    const { counts } = this;
    if (row.kind === 'answer') {
      counts.answers += 1;
      flip(counts.flips.answers, outcomeIn(row, row.old), outcomeIn(row, row.new));
      return;
    }
    counts.chains += 1;
    if (row.oldPassed) counts.passedBefore += 1;
    if (row.newPassed) counts.passedAfter += 1;
    flip(counts.flips.chains, outcomeIn(row, row.old), outcomeIn(row, row.new));
    flip(counts.flips.classes, row.oldClass, row.newClass);
  }
}

function outcomeIn({ ended }: GradingRow, verdict: Verdict | undefined): SampleOutcome | undefined {
  return verdict && sampleOutcome(verdict.outcome, ended);
}

function flip(flips: Record<string, number>, old: string | undefined, now: string | undefined): void {
  if (old === now) return;
  const key = `${old ?? 'none'} → ${now ?? 'none'}`;
  flips[key] = (flips[key] ?? 0) + 1;
}
