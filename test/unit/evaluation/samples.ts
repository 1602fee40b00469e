import type { EvaluatedSample } from '../../../src/core/evaluation/index.ts';

/** A correct sample of problem `p`, with the given fields replaced. */
export function sample(but: Partial<EvaluatedSample>): EvaluatedSample {
  return {
    ...{ problemId: 'p', index: 0, outcome: 'correct', reply: 'answered', answer: '4', tokens: 10, estimated: false },
    ...but,
  };
}
