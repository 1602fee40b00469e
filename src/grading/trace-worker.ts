import { workerData } from 'node:worker_threads';
import { gradeInThread } from './in-thread.ts';
import { gradedText } from './pool.ts';
import type { Grader } from './reply.ts';
import { type Clock, serve } from './serve.ts';
import { type ChainLine, gradeTrace, lineOf } from './trace.ts';
import type { TraceSetup, TraceTask } from './trace-pool.ts';

/** The clock runs over several answers, so that an ordinary one costs no message. Each has at least the limit less this time. */
const RESTART_MS = 200;
const setup: TraceSetup = workerData;

/** Grades in this thread. */
function graderOf(clock: Clock): Grader {
  let since = performance.now();
  return {
    grade: async (gold, text, policy) => {
      const now = performance.now();
      if (now - since > RESTART_MS) {
        clock.restart();
        since = now;
      }
      return gradeInThread(gold, gradedText(text), policy, clock);
    },
  };
}

serve<TraceTask[], ChainLine[]>(async (tasks, clock) => {
  const pool = graderOf(clock);
  const lines: ChainLine[] = [];
  for (const { trace, gold, place } of tasks)
    lines.push(lineOf(await gradeTrace(trace, gold, place, { ...setup, pool })));
  return lines;
});
