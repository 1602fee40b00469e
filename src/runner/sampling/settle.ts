import { defined } from '../../core/defined.ts';
import {
  addTallies,
  countBuckets,
  emptyTally,
  type Sampler,
  suspectGold,
  type Tally,
  type Use,
} from '../../core/sampling/index.ts';
import {
  costOf,
  type FilterSettings,
  isLocalModel,
  isNoAnswer,
  type NoAnswer,
  noReplies,
  type ReplyCounts,
  type RoundSummary,
  type SamplingEnd,
  type SamplingSummary,
} from '../../core/schemas/index.ts';
import type { Dataset } from '../../store/index.ts';
import { perClass } from '../summary.ts';
import type { SamplingRoundPlan } from './plan-sampling.ts';
import type { GradedSample, Responses } from './responses.ts';
import { selectChains } from './select-chains.ts';

export interface SettleContext {
  dataset: Dataset;
  plan: SamplingRoundPlan;
  sampler: Pick<Sampler, 'problem'>;
  responses: Responses;
  ended: SamplingEnd;
  /** Of the whole round. */
  use: Use;
  calls: number;
  seconds: number;
  /** Filter settings that replace those of the plan. */
  filters?: FilterSettings;
}

/** Triage, selection and summary of a finished round, which are written. Makes no calls. */
export async function settle(context: SettleContext): Promise<RoundSummary> {
  const { dataset, plan, responses, ended, use, seconds } = context;
  const tallies = plan.sampling.problems.map((problem) => ofProblem(problem, context));
  const suspects = suspectGold(
    tallies.map(({ after, finished, id }) => ({ tally: after, finished, answers: answersOf(responses.of(id)) })),
    plan.sampling.settings.triage,
  );
  await responses.writeChains(votedFor(suspects, responses));
  await dataset.refresh();
  const chains = await selectChains(dataset, plan);
  const all = responses.all;
  const cost = costOf(use, plan.sampling.settings.prices);
  const sampling: SamplingSummary = {
    ended,
    samples: all.length,
    requests: use.requests,
    ...outcomeCounts(all),
    kept: chains.kept,
    left: chains.left,
    promptTokens: use.promptTokens,
    completionTokens: use.completionTokens,
    ...defined({ cost }),
    ...(isLocalModel(plan.model) ? { local: true } : {}),
    covered: {
      before: tallies.filter(({ before }) => before.successes > 0).length,
      after: tallies.filter(({ after }) => after.successes > 0).length,
    },
    buckets: bucketsOf(plan, tallies),
    suspectGold: suspects,
    unreadable: tallies.filter(({ state }) => state === 'unreadable').map(({ id }) => id),
    failed: tallies.filter(({ state }) => state === 'failed').map(({ id }) => id),
  };
  const summary: RoundSummary = {
    version: 1,
    round: plan.round,
    finishedAt: new Date().toISOString(),
    calls: context.calls,
    replies: { response: repliesOf(all) },
    completionTokens: use.completionTokens,
    seconds: Math.round(seconds * 10) / 10,
    problems: plan.problemIds.length,
    problemsWithoutChain: tallies.filter(({ id }) => !responses.of(id).some((one) => one.outcome === 'correct')).length,
    chains: chains.chains,
    chainsPassed: chains.passed,
    pairs: perClass([]),
    assembled: perClass([]),
    kept: perClass([]),
    quotaDropped: chains.overQuota,
    ...(context.filters ? { filters: context.filters } : {}),
    sampling,
  };
  await dataset.writeSummary(plan.round, summary);
  return summary;
}

function outcomeCounts(
  samples: readonly GradedSample[],
): Record<'correct' | 'incorrect' | 'ungraded' | NoAnswer, number> {
  const { answered: _, ...noAnswers } = noReplies();
  const counts = { correct: 0, incorrect: 0, ungraded: 0, ...noAnswers };
  for (const { outcome } of samples) {
    const isCounted = outcome === 'correct' || outcome === 'incorrect' || isNoAnswer(outcome);
    counts[isCounted ? outcome : 'ungraded']++;
  }
  return counts;
}

function repliesOf(samples: readonly GradedSample[]): ReplyCounts {
  const counts = noReplies();
  for (const { ended } of samples) counts[ended]++;
  return counts;
}

interface ProblemTally {
  id: string;
  before: Tally;
  after: Tally;
  state: string;
  finished: boolean;
}

function ofProblem(
  {
    problemId: id,
    attempts,
    successes,
    ungraded = 0,
    truncated = 0,
  }: SamplingRoundPlan['sampling']['problems'][number],
  { sampler, ended }: SettleContext,
): ProblemTally {
  const before = { ...emptyTally(id), attempts, successes, ungraded, truncated };
  const { tally, state } = sampler.problem(id) ?? { tally: emptyTally(id), state: 'open' };
  return {
    id,
    before,
    after: addTallies(before, tally),
    state,
    finished: state === 'finished' && ended.how !== 'cancelled',
  };
}

/** Only answers are votes. */
function answersOf(samples: readonly GradedSample[]): (string | undefined)[] {
  return samples.map(({ verdict, outcome }) => (isNoAnswer(outcome) ? undefined : verdict.prediction));
}

/** One sample per suspect problem with the most frequent answer, for the reviewer. */
function votedFor(
  suspects: readonly { problemId: string; vote: { answer: string }[] }[],
  responses: Responses,
): Set<string> {
  return new Set(
    suspects.flatMap(({ problemId, vote }) => {
      const first = responses.of(problemId).find(({ verdict }) => verdict.prediction === vote[0]?.answer);
      return first ? [first.key] : [];
    }),
  );
}

function bucketsOf({ sampling }: SamplingRoundPlan, tallies: readonly ProblemTally[]): SamplingSummary['buckets'] {
  const { edges } = sampling.settings;
  const before = countBuckets(
    edges,
    tallies.map((one) => one.before),
  );
  return countBuckets(
    edges,
    tallies.map((one) => one.after),
  ).map(({ problems, ...bounds }, i) => ({
    ...bounds,
    before: before[i]?.problems ?? 0,
    after: problems,
  }));
}
