import type { EvaluatedSample } from '../../../src/core/evaluation/index.ts';

/** A correct sample of problem `p`, but for what is said. */
export function sample(but: Partial<EvaluatedSample>): EvaluatedSample {
  return {
    ...{ problemId: 'p', index: 0, outcome: 'correct', truncated: false, answer: '4', tokens: 10, estimated: false },
    ...but,
  };
}
