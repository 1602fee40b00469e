import { resolvePolicy } from '../../../../src/core/grading/policies.ts';
import { FilterSettings } from '../../../../src/core/schemas/index.ts';
import { gradeInThread } from '../../../../src/grading/in-thread.ts';
import { gradedText } from '../../../../src/grading/pool.ts';
import { gradeTrace } from '../../../../src/grading/trace.ts';
import type { TraceGrader } from '../../../../src/store/trace-table/trace-table.ts';

const clock = { pause: () => {}, restart: () => {} };
const policy = resolvePolicy('default');

/** How tests grade traces: as the pool of an import, without its threads. */
export const gradingSetup = {
  policy,
  filters: FilterSettings.parse({}),
  pool: {
    grade: (gold: string, text: Parameters<typeof gradedText>[0], by: typeof policy) =>
      gradeInThread(gold, gradedText(text), by, clock),
  },
};

export const graderInThread = async (): Promise<TraceGrader> => ({
  grade: ({ trace, gold, place }) => gradeTrace(trace, gold, place, gradingSetup),
  flush: () => {},
});
