import { type Grading, gradeWith, type SymbolicEngine } from '../../../src/core/grading/index.ts';
import type { GradingPolicy, Verdict } from '../../../src/core/schemas/index.ts';

/** The verdict on a pair, and its time in milliseconds. */
export interface Judged {
  readonly correct: boolean;
  readonly ms: number;
  readonly verdict?: Verdict;
  readonly failure?: string;
}

/** Grades as a worker does, on this thread: the engine is used only if the parser alone cannot decide. */
export function judge(gold: string, text: string, policy: GradingPolicy, engine: SymbolicEngine): Judged {
  const began = performance.now();
  let grading: Grading = gradeWith(gold, text, policy);
  if (grading.needsEngine) grading = gradeWith(gold, text, policy, engine);
  const ms = performance.now() - began;
  return { correct: grading.verdict.outcome === 'correct', ms, verdict: grading.verdict };
}
