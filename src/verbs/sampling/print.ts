import { present } from '../../core/defined.ts';
import { isLocalModel } from '../../core/models/model-ref.ts';
import { formatNoAnswers } from '../../core/models/reply-outcome.ts';
import { bucketName } from '../../core/sampling/buckets.ts';
import type { RepairEnd, RepairSummary, SamplingEnd, SamplingSummary } from '../../core/schemas/index.ts';
import { formatContinuations, formatUse } from '../../core/text/calls.ts';
import { formatCost, formatCount, formatDuration, formatMoney, markOf, plural } from '../../core/text/format.ts';
import { ENGLISH, type L10n } from '../../core/text/l10n.ts';
import type { RepairReport } from '../../protocol/repair.ts';
import type { RoundResult, SamplingProgress } from '../../protocol/runner.ts';
import type { SamplingPlanReport } from '../../protocol/sampling.ts';
import { formatFunnel, lines } from '../format.ts';

/** A planned round in one sentence. */
export function formatSamplingPlan({
  round,
  problems,
  dropped,
  model,
  role,
  total,
  evidence,
}: SamplingPlanReport): string {
  const mark = markOf(evidence);
  const cost = formatCost(total.cost, isLocalModel(model));
  return `Round ${round}: ${plural(problems, 'problem')} (${formatCount(dropped.length)} not worth sampling) with ${model.model} (${role}); ${mark || 'about '}${plural(total.samples, 'sample')}, ${mark}${formatCount(total.promptTokens)} prompt and ${mark}${plural(total.completionTokens, 'completion token')}, cost ${total.cost === undefined ? '' : mark}${cost}.`;
}

/** A planned round with a table of its buckets. */
export function formatPlanTable(report: SamplingPlanReport): string {
  const { settings, rate, buckets, total, endedBy, covered, coveredAfter, interval, evidence } = report;
  const mark = markOf(evidence);
  const guess = { sampling: 'as in', dialogue: 'as the pieces of', guess: 'half of the limit' }[rate.from];
  const speed = rate.tokensPerSecond === undefined ? 'speed unknown' : `${formatCount(rate.tokensPerSecond)} tokens/s`;
  const [priced, timed] = [total.cost !== undefined, total.seconds !== undefined];
  const head = ['pass rate', 'problems', 'samples', 'requests', 'prompt', 'completion', 'correct', 'kept', 'solved'];
  const rows = [
    [...head, ...(priced ? ['cost'] : []), ...(timed ? ['seconds'] : [])],
    ...[...buckets.map((row) => ({ name: bucketName(row), row })), { name: 'all', row: total }].map(({ name, row }) => [
      name,
      formatCount(row.problems),
      ...[row.samples, row.requests, row.promptTokens, row.completionTokens, row.correct, row.kept, row.solved].map(
        (value) => mark + formatCount(value),
      ),
      ...(priced ? [mark + formatMoney(row.cost ?? 0)] : []),
      ...(timed ? [mark + formatCount(row.seconds ?? 0)] : []),
    ]),
  ];
  return lines(
    formatSamplingPlan(report),
    `Policy ${settings.policy.policy}. Assumed length of a response: ${plural(rate.completionTokens, 'token')} (${guess}${rate.round === undefined ? '' : ` ${rate.round}`}), ${speed}.`,
    ...rows.map((cells) => `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(16) : cell.padStart(12))).join('')}`),
    `Solved: ${plural(covered, 'problem')} before, ${mark || 'about '}${formatCount(coveredAfter)} after (90 % interval over the unknown mean pass rate: ${rangeText(interval.coveredAfter)}).${endedBy ? ` The budget of ${endedBy} ends the round.` : ''}`,
    ...formatEvidence(report),
  );
}

const rangeText = ({ low, high }: { low: number; high: number }): string =>
  `${formatCount(low)} to ${formatCount(high)}`;

/** What the expected numbers rest on, and the pilot that would measure the model where nothing did. */
function formatEvidence({ evidence, interval, problems, pilot }: SamplingPlanReport): string[] {
  const samples = `Samples: 90 % interval ${rangeText(interval.samples)}.`;
  if (evidence.restsOnPrior) {
    return [
      `≈ estimated from the prior: ${formatCount(evidence.sampled)} of ${plural(problems, 'problem')} sampled, so all pass rates count as equally likely. ${samples}`,
      ...(pilot ? [] : ['Measure the model first: longhand sample-round DATASET --pilot 20']),
    ];
  }
  if (evidence.basis === 'flat') return [samples];
  return [
    `Pass rates of other problems are estimated from ${plural(evidence.samples, 'sample')} of ${plural(evidence.problems, 'problem')}. ${samples}`,
  ];
}

/** How a sampling round ended. */
export function formatSampled(summary: RoundResult, sampling: SamplingSummary): string {
  const { samples, correct, incorrect, ungraded, kept, suspectGold } = sampling;
  return lines(
    `Round ${summary.round} ${formatEnd(sampling.ended)}: ${plural(samples, 'sample')} in ${plural(sampling.requests, 'request')}, ${formatCount(correct)} correct, ${formatCount(incorrect)} incorrect, ${[...formatNoAnswers(sampling, ['truncated']), `${formatCount(ungraded)} ungraded`].join(', ')}; ${formatCount(kept)} kept.`,
    ...formatCoverage(sampling, summary.problems),
    formatUse({ ...sampling, seconds: summary.seconds }, sampling.local === true),
    ...suspectGold.map(({ problemId, vote, answers }) => {
      const first = vote[0];
      return `  ${problemId}: the trusted answer may be wrong; ${formatCount(first?.count ?? 0)} of ${plural(answers, 'answer')} are ${first?.answer ?? ''}`;
    }),
    ...list('Unreadable trusted answers', sampling.unreadable),
    ...list('Failed problems', sampling.failed),
    ...formatFunnel(summary.funnel),
  );
}

/** Coverage and difficulty before and after a sampling round, a line each: of its problems, over all rounds of its model. */
export function formatCoverage(
  { covered, buckets }: SamplingSummary,
  problems: number,
  { t, count }: L10n = ENGLISH,
): string[] {
  const moved = buckets.filter(({ before, after }) => before > 0 || after > 0);
  const parts = moved.map((bucket) => `${bucketName(bucket)}: ${count(bucket.before)} → ${count(bucket.after)}`);
  return present(
    t(
      'Problems with a correct answer, in any round: {0} → {1} of {2}',
      ...[covered.before, covered.after, problems].map(count),
    ),
    parts.length !== 0 && t('Problems by pass rate: {0}', parts.join(', ')),
  );
}

/** The progress of a sampling round: `60 samples, 27 correct, 15 solved, 3 still sampled`. */
export function formatSamplingProgress(
  { samples, correct, solved, survivors }: SamplingProgress,
  { t, count, counted }: L10n = ENGLISH,
): string {
  const all = counted(samples, '{0} sample', '{0} samples');
  return t('{0}, {1} correct, {2} solved, {3} still sampled', all, ...[correct, solved, survivors].map(count));
}

/** A planned round of repairs: `Round 4-repair: 20 chains, 3 with a labelled first wrong step, 9 with a false equality, by …; at most 480 continuations. About …` */
export function formatRepairPlan(report: RepairReport): string {
  const { round, model, chains, labelled, computed, skipped, requests } = report;
  const left = [
    [skipped.turns, 'with turns of their own'],
    [skipped.right, 'right and without a labelled wrong step'],
    [skipped.tried, 'tried by an earlier round'],
    [skipped.unreadable, 'with a gold answer that can’t be read'],
  ] as const;
  const reasons = left.flatMap(([times, why]) => (times > 0 ? `${formatCount(times)} ${why}` : []));
  return lines(
    `Round ${round}: ${plural(chains, 'chain')}, ${formatCount(labelled)} with a labelled first wrong step, ${formatCount(computed)} with a false equality, by ${model.model}; at most ${plural(requests, 'continuation')}.`,
    formatContinuations(report, isLocalModel(model)),
    ...(reasons.length > 0 ? [`Not repaired: ${reasons.join(', ')}.`] : []),
  );
}

const REPAIR_ENDS: Readonly<Record<RepairEnd, string>> = {
  repaired: 'repaired',
  'filtered-out': 'filtered out',
  repeated: 'repaired the same by an earlier round',
  'not-found': 'without a step where success collapses',
  'not-continued': 'without a right continuation',
  budget: 'not tried, because the tokens were spent',
  changed: 'changed since the plan',
  refused: 'refused by the server',
  ungraded: 'with a gold answer that can’t be read',
};

/** A finished round of repairs. */
export function formatRepaired(summary: RoundResult, { ends }: RepairSummary): string {
  const { round, calls, completionTokens, seconds } = summary;
  const parts = (Object.keys(REPAIR_ENDS) as RepairEnd[]).flatMap((end) => {
    const times = ends[end] ?? 0;
    return times > 0 ? `${formatCount(times)} ${REPAIR_ENDS[end]}` : [];
  });
  const chains = Object.values(ends).reduce((sum, times) => sum + times, 0);
  return lines(
    `Round ${round} finished: of ${plural(chains, 'chain')}, ${parts.join(', ')}.`,
    `${plural(calls, 'call')}, ${plural(completionTokens, 'completion token')}, ${formatDuration(seconds)}.`,
  );
}

function formatEnd(ended: SamplingEnd): string {
  if (ended.how === 'budget') return `ended by its budget of ${ended.by}`;
  return ended.how;
}

function list(what: string, ids: readonly string[]): string[] {
  return ids.length === 0 ? [] : [`${what}: ${ids.join(', ')}.`];
}
