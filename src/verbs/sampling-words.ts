import type { RoundSummary, SamplingEnd, SamplingSummary } from '../core/model/index.ts';
import type { SamplingProgress } from '../protocol/runner.ts';
import type { BucketCount, SAMPLING_VERBS, SamplingPlanReport } from '../protocol/sampling.ts';
import type { VerbResult } from '../protocol/verbs.ts';
import { detached, lines } from './phrases.ts';

type Words = { readonly [V in keyof typeof SAMPLING_VERBS]: (result: VerbResult<V>) => string };

/** The results of the verbs of stage 2 in words, for a person at a terminal. */
export const SAMPLING_WORDS: Words = {
  'plan-sampling': planTable,
  'sample-round': (result) =>
    'pid' in result ? detached(result) : result.sampling ? sampled(result, result.sampling) : `Round ${result.round}.`,
  difficulty: ({ model, role, problems, covered, rounds, svg, csv, roundsCsv }) =>
    lines(
      `${model.model} (${role}): ${covered} of ${problems.length} problems have a correct answer.`,
      ...rounds.flatMap(({ round, problems: asked, samples, correct, covered: solved, before, after }) => [
        `  ${round}: ${asked} problems, ${samples} samples, ${correct} correct; covered ${solved.before} → ${solved.after}`,
        `    ${after.map((bucket, i) => `${bucketName(bucket)}: ${before[i]?.problems ?? 0} → ${bucket.problems}`).join(', ')}`,
      ]),
      ...(svg === undefined ? [] : [`Picture: ${svg}`]),
      ...(csv === undefined ? [] : [`Table of the problems: ${csv}`]),
      ...(roundsCsv === undefined ? [] : [`Table of the rounds: ${roundsCsv}`]),
    ),
};

/** A planned round in one sentence. */
export function plannedInWords({ round, problems, dropped, model, role, total }: SamplingPlanReport): string {
  const cost = total.cost === undefined ? ', cost unknown' : `, cost ${money(total.cost)}`;
  return `Round ${round}: ${problems} problems (${dropped.length} not worth sampling) with ${model.model} (${role}); about ${whole(total.samples)} samples, ${whole(total.promptTokens + total.completionTokens)} tokens${cost}.`;
}

function planTable(report: SamplingPlanReport): string {
  const { settings, rate, buckets, total, endedBy, covered, coveredAfter } = report;
  const guess = { sampling: 'as in', dialogue: 'as the pieces of', guess: 'half of the limit' }[rate.from];
  const speed = rate.tokensPerSecond === undefined ? 'speed unknown' : `${whole(rate.tokensPerSecond)} tokens/s`;
  const [priced, timed] = [total.cost !== undefined, total.seconds !== undefined];
  const head = ['pass rate', 'problems', 'samples', 'requests', 'tokens', 'correct', 'kept', 'solved'];
  const rows = [
    [...head, ...(priced ? ['cost'] : []), ...(timed ? ['seconds'] : [])],
    ...[...buckets.map((row) => ({ name: bucketName(row), row })), { name: 'all', row: total }].map(({ name, row }) => [
      name,
      String(row.problems),
      ...[row.samples, row.requests, row.promptTokens + row.completionTokens, row.correct, row.kept, row.solved].map(
        whole,
      ),
      ...(priced ? [money(row.cost ?? 0)] : []),
      ...(timed ? [whole(row.seconds ?? 0)] : []),
    ]),
  ];
  return lines(
    plannedInWords(report),
    `Policy ${settings.policy.policy}. A response is taken to have ${whole(rate.completionTokens)} tokens (${guess}${rate.round === undefined ? '' : ` ${rate.round}`}), ${speed}.`,
    ...rows.map((cells) => `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(14) : cell.padStart(10))).join('')}`),
    `Covered: ${covered} problems before, about ${whole(coveredAfter)} after.${endedBy ? ` The budget of ${endedBy} ends it.` : ''}`,
  );
}

/** How a sampling round ended. */
export function sampled(summary: RoundSummary, sampling: SamplingSummary): string {
  const { samples, correct, incorrect, truncated, ungraded, kept, covered, suspectGold, buckets, cost } = sampling;
  const tokens = `${sampling.promptTokens} prompt and ${sampling.completionTokens} completion tokens`;
  return lines(
    `Round ${summary.round} ${endInWords(sampling.ended)}: ${samples} samples in ${sampling.requests} requests, ${correct} correct, ${incorrect} incorrect, ${truncated} truncated, ${ungraded} ungraded; ${kept} kept.`,
    `Covered: ${covered.before} of ${summary.problems} problems before, ${covered.after} after. ${tokens}, ${summary.seconds} s. Cost: ${cost === undefined ? 'unknown, since no prices are set for this model' : money(cost)}.`,
    `By pass rate: ${buckets.map((bucket) => `${bucketName(bucket)}: ${bucket.before} → ${bucket.after}`).join(', ')}.`,
    ...suspectGold.map(({ problemId, vote, answers }) => {
      const first = vote[0];
      return `  ${problemId}: the trusted answer is doubtful; ${first?.count ?? 0} of ${answers} answers are ${first?.answer ?? ''}`;
    }),
    ...list('The trusted answer cannot be read', sampling.unreadable),
    ...list('Given up', sampling.failed),
  );
}

/** How far a sampling round is. */
export function samplesInWords({ samples, correct, solved, survivors }: SamplingProgress): string {
  return `${samples} samples, ${correct} correct, ${solved} problems solved, ${survivors} still tried`;
}

function endInWords(ended: SamplingEnd): string {
  if (ended.how === 'budget') return `ended by its budget of ${ended.by}`;
  return ended.how;
}

function list(what: string, ids: readonly string[]): string[] {
  return ids.length === 0 ? [] : [`${what}: ${ids.join(', ')}.`];
}

function bucketName({ from, to }: Pick<BucketCount, 'from' | 'to'>): string {
  return from === undefined || to === undefined ? 'never sampled' : `${from}–${to}`;
}

function money(cost: number): string {
  return cost.toFixed(cost < 0.1 ? 4 : 2);
}

function whole(value: number): string {
  return String(Math.round(value));
}
