import { percent, percentInterval } from '../core/evaluation/words.ts';
import type { EVALUATION_VERBS } from '../protocol/evaluation.ts';
import type { VerbResult } from '../protocol/verbs.ts';
import { lines } from './phrases.ts';

type Words = { readonly [V in keyof typeof EVALUATION_VERBS]: (result: VerbResult<V>) => string };

/** The results of the verbs that measure models in words, for a person at a terminal. */
export const EVALUATION_WORDS: Words = {
  evaluate: ({ plan, result, report }) =>
    result
      ? lines(
          `Evaluation ${result.evaluation}: avg@${plan.k} ${percentInterval(result.scores.average)} over ${result.scores.problems} problems; ${percent(result.scores.truncated.value)} cut off, ${result.scores.ungraded} not graded, ${result.unanswered} refused.`,
          `${result.contamination.hits.length} of the problems stand in the training data. ${result.calls} paid samples, ${result.completionTokens} completion tokens.`,
          `Report: ${report}`,
        )
      : evaluationPlanned(plan),
  'compare-evaluations': ({ a, b, comparison, words, report }) =>
    lines(
      `${a}: ${percent(comparison.before)}, ${b}: ${percent(comparison.after)} over ${comparison.test.problems} problems.`,
      words,
      `Report: ${report}`,
    ),
};

/** What an evaluation would ask for, in one sentence. */
export function evaluationPlanned({
  evaluation,
  problems,
  bad,
  k,
  model,
  role,
  expected,
}: VerbResult<'evaluate'>['plan']): string {
  const { requests, promptTokens, completionTokens, completionTokensMax, cost, from } = expected;
  const price = cost === undefined ? 'cost unknown' : `cost about ${cost.toFixed(cost < 0.1 ? 4 : 2)}`;
  const basis = from === 'guess' ? 'a guess: half of the limit' : `as in its last ${from} round`;
  const left = bad === 0 ? '' : ` (${bad} rows could not be used)`;
  return `Evaluation ${evaluation}: ${problems} problems${left}, ${k} samples each, with ${model.model} (${role}); ${requests} requests, about ${promptTokens} prompt and ${completionTokens} completion tokens (${basis}; at most ${completionTokensMax}), ${price}.`;
}
