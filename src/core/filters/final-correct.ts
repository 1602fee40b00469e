import type { FilterRule } from './rule.ts';

/** The chain's final answer equals the gold one. */
export const finalCorrect: FilterRule = {
  id: 'final-correct',
  measure: ({ verdict }) => ({
    passed: verdict.outcome === 'correct',
    value: verdict.outcome,
    threshold: 'correct',
    ...(verdict.outcome === 'correct' ? {} : { reason: `The final answer is graded ${verdict.outcome}.` }),
  }),
};
