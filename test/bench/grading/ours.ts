import { type Grading, gradeWith, type SymbolicEngine } from '../../../src/core/answers/index.ts';
import type { GradingPolicy, Verdict } from '../../../src/core/model/index.ts';

/** What was said of a pair, and how long it took in milliseconds. */
export interface Judged {
  readonly correct: boolean;
  readonly ms: number;
  readonly verdict?: Verdict;
  readonly failure?: string;
}

/** Grades as a worker does: the engine is asked only where our own reading leaves something open. On this thread. */
export function judge(gold: string, text: string, policy: GradingPolicy, engine: SymbolicEngine): Judged {
  const began = performance.now();
  let grading: Grading = gradeWith(gold, text, policy);
  if (grading.wantsEngine) grading = gradeWith(gold, text, policy, engine);
  const ms = performance.now() - began;
  return { correct: grading.verdict.outcome === 'correct', ms, verdict: grading.verdict };
}
