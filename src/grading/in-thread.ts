import { messageOf } from '../core/errors.ts';
import { loadEngine } from '../core/grading/engine.ts';
import { gradeWith, type SymbolicEngine } from '../core/grading/index.ts';
import type { GradingPolicy, Verdict } from '../core/schemas/index.ts';
import type { Clock } from './serve.ts';

let engine: SymbolicEngine | undefined;

/** Grades one response in a worker thread; see gradeAnswer. A failure of the grader is the verdict `error`. */
export async function gradeInThread(gold: string, text: string, policy: GradingPolicy, clock: Clock): Promise<Verdict> {
  try {
    const first = gradeWith(gold, text, policy, engine);
    if (!first.needsEngine) return first.verdict;
    if (engine === undefined) {
      clock.pause();
      engine = await loadEngine();
      clock.restart();
    }
    return gradeWith(gold, text, policy, engine).verdict;
  } catch (error) {
    const reason = messageOf(error);
    return { outcome: 'error', method: 'none', detail: `The grader failed: ${reason.slice(0, 200)}` };
  }
}
