import type { FilterRule } from './rule.ts';

/** A final answer can be read, and the gold too. */
export const gradable: FilterRule = {
  id: 'gradable',
  asks: 'A final answer can be read, and the gold one too.',
  thresholds: [],
  ofVerdicts: true,
  measure: ({ verdict }) => {
    const passed = verdict.extracted !== undefined && verdict.outcome !== 'unknown';
    return {
      passed,
      value: verdict.extracted ?? null,
      threshold: null,
      ...(passed ? {} : { reason: verdict.detail ?? 'No final answer could be read.' }),
    };
  },
};
