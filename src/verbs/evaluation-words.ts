import type { Interval } from '../core/evaluation/bootstrap.ts';
import { counted, percent, percentInterval } from '../core/evaluation/words.ts';
import type { EVALUATION_VERBS } from '../protocol/evaluation.ts';
import type { VerbResult } from '../protocol/verbs.ts';
import { lines } from './phrases.ts';

type Words = { readonly [V in keyof typeof EVALUATION_VERBS]: (result: VerbResult<V>) => string };

/** The results of the verbs that measure models in words, for a person at a terminal. */
export const EVALUATION_WORDS: Words = {
  evaluate: ({ plan, result, report }) =>
    result
      ? lines(
          `Evaluation ${result.evaluation}: avg@${plan.k} ${averageOver(result.scores)}; ${percent(result.scores.truncated.value)} cut off, ${result.scores.ungraded} not graded, ${result.unanswered} refused.`,
          `${result.contamination.hits.length} of the problems stand in the training data. ${counted(result.calls, 'paid sample')}, ${result.completionTokens} completion tokens.`,
          `Report: ${report}`,
        )
      : evaluationPlanned(plan),
  'compare-evaluations': ({ a, b, comparison, words, report }) =>
    lines(
      `${a}: ${percent(comparison.before)}, ${b}: ${percent(comparison.after)} over ${counted(comparison.test.problems, 'problem')}.`,
      words,
      `Report: ${report}`,
    ),
};

/** One problem has no interval: there is nothing that another draw of problems could change. */
function averageOver({ average, problems }: { average: Interval; problems: number }): string {
  if (problems === 1) return `${percent(average.value)} of 1 problem, too few for an interval`;
  return `${percentInterval(average)} over ${problems} problems`;
}

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
  return `Evaluation ${evaluation}: ${counted(problems, 'problem')}${left}, ${counted(k, 'sample')} each, with ${model.model} (${role}); ${counted(requests, 'request')}, about ${promptTokens} prompt and ${completionTokens} completion tokens (${basis}; at most ${completionTokensMax}), ${price}.`;
}
