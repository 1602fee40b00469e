import { present } from '../../core/defined.ts';
import type { Measured, MeasuredClass } from '../../core/review/judge/index.ts';
import { isLocalModel } from '../../core/schemas/index.ts';
import { formatCalls, formatExpectedTokens, formatUse } from '../../core/text/calls.ts';
import { formatCost, formatCount, formatMeasure, formatSeconds, plural } from '../../core/text/format.ts';
import { ENGLISH, type L10n } from '../../core/text/l10n.ts';
import { code, table } from '../../core/text/markdown.ts';
import type { JudgePlan, JudgeSummary } from '../../protocol/judge.ts';
import type { JudgeEvalPlan, JudgeEvalReport, JudgeEvalScores } from '../../protocol/judge-eval.ts';
import type { RefilterResult } from '../../protocol/rework.ts';
import { formatCounts, lines } from '../format.ts';
import type { VerbResult } from '../index.ts';

/** Sums over the rounds. */
function refilterTotals({ rounds }: RefilterResult) {
  const totals = { chains: 0, changed: 0, passedBefore: 0, passedAfter: 0, quotaBefore: 0, quotaAfter: 0 };
  for (const key of Object.keys(totals) as (keyof typeof totals)[])
    totals[key] = rounds.reduce((total, round) => total + round[key], 0);
  return totals;
}

/** The result of a refilter, for the terminal and the editor. */
export function formatRefiltered(result: RefilterResult, { t, count, counted }: L10n = ENGLISH): string {
  const { chains, changed, passedBefore, passedAfter, quotaBefore, quotaAfter } = refilterTotals(result);
  const { rejected, passed, missing } = result;
  const kept = counted(chains, '{0} chain keeps its filter results', '{0} chains keep their filter results');
  const renewed = result.applied
    ? counted(changed, '{0} chain has new results', '{0} chains have new results')
    : counted(changed, '{0} chain gets new results', '{0} chains get new results');
  const gone = counted(missing, '{0} problem is missing', '{0} problems are missing');
  return present(
    changed === 0 && t('No change: {0}.', kept),
    changed > 0 && t('Chains that pass: {0} → {1} of {2}.', ...[passedBefore, passedAfter, chains].map(count)),
    changed > 0 && t('Newly filtered out: {0}, newly passed: {1}.', count(rejected), count(passed)),
    quotaBefore !== quotaAfter &&
      t('Filtered out by quota or selection: {0} → {1}.', count(quotaBefore), count(quotaAfter)),
    changed > 0 && t('{0}; texts and reviews stay.', renewed),
    missing > 0 && t('{0}; filters that need one are not applied.', gone),
  ).join(' ');
}

/** What a refilter found, for a person at a terminal. */
export function formatRefilter(result: RefilterResult): string {
  const moved = result.filters.filter(({ rejected, passed }) => rejected + passed > 0);
  return lines(
    formatRefiltered(result),
    ...moved.map(({ id, before, after, rejected, passed, newlyRejected, newlyPassed }) => {
      const shown = [...newlyRejected.map((chain) => `+ ${chain}`), ...newlyPassed.map((chain) => `- ${chain}`)];
      const more = rejected + passed > shown.length || shown.length > SHOWN ? ', …' : '';
      return `  ${id.padEnd(20)}filters out ${formatCount(after)} (${formatCount(before)} before; +${formatCount(rejected)} −${formatCount(passed)}): ${shown.slice(0, SHOWN).join(', ')}${more}`;
    }),
    `Filtered in ${formatSeconds(result.seconds)}. ${result.applied ? 'Written into the rounds.' : 'Nothing was changed; --apply writes it into the rounds.'}`,
  );
}

const SHOWN = 5;

/** The same as a Markdown page, with the ids. */
export function refilterPage(result: RefilterResult): string {
  const { passedBefore, passedAfter, quotaBefore, quotaAfter } = refilterTotals(result);
  const off = result.settings.off.length === 0 ? '' : ` Switched off: ${result.settings.off.join(', ')}.`;
  return [
    '# What filtering again changes',
    `${plural(passedBefore, 'chain')} passed before, ${formatCount(passedAfter)} now. Filtered out by quota or selection: ${formatCount(quotaBefore)} before, ${formatCount(quotaAfter)} now.${off}`,
    table(
      ['filter', 'filtered out before', 'filtered out now', 'newly filtered out', 'newly passed'],
      result.filters.map(({ id, before, after, rejected, passed }) => [code(id), before, after, rejected, passed]),
    ),
    table(
      ['round', 'chains', 'passed before', 'pass now', 'results that differ'],
      result.rounds.map(({ round, chains, passedBefore: was, passedAfter: is, changed }) => [
        ...[code(round), chains, was, is, changed],
      ]),
    ),
    ...section('Chains that no longer pass', result.rejected, result.newlyRejected),
    ...section('Chains that pass now', result.passed, result.newlyPassed),
    ...result.filters.flatMap(({ id, rejected, passed, newlyRejected, newlyPassed }) => [
      ...section(`${id}: newly filtered out`, rejected, newlyRejected),
      ...section(`${id}: newly passed`, passed, newlyPassed),
    ]),
    '',
  ].join('\n\n');
}

function section(title: string, count: number, ids: readonly string[]): string[] {
  if (count === 0) return [];
  const more = count > ids.length ? [`- … and ${formatCount(count - ids.length)} more`] : [];
  return [`## ${title} (${formatCount(count)})`, [...ids.map((id) => `- ${code(id)}`), ...more].join('\n')];
}

/** What judging would cost, or what it found, for a person at a terminal. */
export function formatJudge({ plan, summary }: VerbResult<'judge'>): string {
  if (plan.chains === 0) return `${plan.model.model} has judged all ${plural(plan.judged, 'chain')}.`;
  if (summary === undefined) {
    return lines(
      `${plan.model.model} would judge ${plural(plan.chains, 'chain')} (${plural(plan.sentences, 'sentence')} in ${plural(plan.windows, 'window')}); ${formatCount(plan.judged)} are judged already.`,
      formatRequests(plan),
    );
  }
  return lines(
    formatJudged(summary),
    `Labels: ${formatCounts(summary.labels)}; acts: ${formatCounts(summary.acts)}.`,
    ...formatPasses(summary),
    formatPaid(plan, summary),
    ...formatFailed(summary.failedWindows, summary.failed.map(formatFailedWindow)),
  );
}

/** What a judge labelled, for the terminal and the editor. */
export function formatJudged(
  { sentences, chains, differ, differingChains }: JudgeSummary,
  { t, counted }: L10n = ENGLISH,
): string {
  const of = (sentence: number, chain: number): string =>
    counted(chain, '{1} in {0} chain', '{1} in {0} chains', counted(sentence, '{0} sentence', '{0} sentences'));
  return t('Judged {0}. Judge and classifiers disagree on {1}.', of(sentences, chains), of(differ, differingChains));
}

/** A window without a usable answer: `c1, sentences 3 to 9: no JSON`. */
export const formatFailedWindow = ({ chainId, from, to, reason }: JudgeSummary['failed'][number]): string =>
  `${chainId}, sentences ${from} to ${to}: ${reason}`;

const formatFailed = (windows: number, failed: readonly string[]): string[] =>
  windows === 0
    ? []
    : [`${plural(windows, 'window has', 'windows have')} no usable answer:`, ...failed.map((line) => `  ${line}`)];

function formatPasses({ secondPass }: JudgeSummary): string[] {
  if (secondPass === undefined) return [];
  const { passes, unconfirmedWindows } = secondPass;
  return [
    'Second pass, in sentences:',
    ...Object.entries(passes).map(
      ([kind, { kept, added, removed, kappa }]) =>
        `  ${kind}: ${formatCount(kept)} kept, ${formatCount(added)} added, ${formatCount(removed)} removed, κ ${kappa === null ? 'unknown' : formatMeasure(kappa, 2)}`,
    ),
    ...formatUnconfirmed(unconfirmedWindows),
  ];
}

const formatUnconfirmed = (windows: number): string[] =>
  windows === 0
    ? []
    : [`  ${plural(windows, 'window keeps', 'windows keep')} the labels of the first pass: no usable answer.`];

/** The tokens that a judge is expected to use, for the terminal and the editor. */
export function formatJudgeTokens(plan: JudgePlan | JudgeEvalPlan, l10n: L10n = ENGLISH): string {
  const { t } = l10n;
  const basis = plan.measured ? t('measured on earlier calls') : t('many more if the model reasons first');
  return formatExpectedTokens(plan, basis, l10n);
}

const formatRequests = (plan: JudgePlan | JudgeEvalPlan): string =>
  `${plural(plan.requests, 'request')}${plan.secondPass ? ' with the second pass' : ''}, ${formatCount(plan.reused)} more answered by the journal. ${formatJudgeTokens(plan)}. Cost: ${formatCost(plan.cost, isLocalModel(plan.model))}.`;

const formatPaid = ({ model }: Pick<JudgePlan, 'model'>, used: JudgeSummary | JudgeEvalReport): string =>
  `${formatCalls(used)}; ${formatUse(used, isLocalModel(model))}`;

/** What a measurement of a judge would cost, or what it found, for a person at a terminal. */
export function formatJudgeEval({ plan, report }: VerbResult<'judge-eval'>): string {
  if (report === undefined) {
    return lines(
      `${plan.model.model} would label ${sampled(plan)} with ${plan.ask}, in ${plural(plan.windows, 'window')}.`,
      formatRequests(plan),
    );
  }
  const { answered, scores, firstPass, failedWindows, failed, unconfirmedWindows = 0 } = report;
  return lines(
    `${plan.model.model} labelled ${sampled(plan)} with ${plan.ask}; ${formatCount(answered)} with a usable answer, which are compared with the labels by people.`,
    ...(answered === 0 ? [] : formatScores(scores)),
    ...(firstPass === undefined || answered === 0 ? [] : ['First pass alone:', ...formatScores(firstPass)]),
    ...formatUnconfirmed(unconfirmedWindows),
    formatPaid(plan, report),
    ...formatFailed(
      failedWindows,
      failed.map(({ id, ...window }) => formatFailedWindow({ chainId: id, ...window })),
    ),
  );
}

const sampled = ({ sentences, sentencesAll, texts }: JudgeEvalPlan): string =>
  `${plural(sentences, 'sentence')}${sentences < sentencesAll ? ` (of ${formatCount(sentencesAll)})` : ''} of ${plural(texts, 'text')}`;

/** A table with 95 % intervals over texts. */
function formatScores({ classes, all }: JudgeEvalScores): string[] {
  const head = ['', 'F1', 'κ', 'precision', 'recall', 'people', 'judge'];
  const body = classes.map((one) => [
    titleOf(one),
    ...[one.f1, one.kappa, one.precision, one.recall].map(formatMeasured),
    formatCount(one.people),
    formatCount(one.judge),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((row) => row[i]?.length ?? 0)));
  const table = [head, ...body].map((row) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd(),
  );
  return [
    ...table,
    ...(all ? [`  All phases: accuracy ${formatMeasured(all.accuracy)}, κ ${formatMeasured(all.kappa)}.`] : []),
    ...(classes.some(({ kappa }) => kappa?.low != null)
      ? ['  In brackets: 95 % intervals, bootstrap over texts.']
      : []),
  ];
}

function titleOf({ name, layer, against }: MeasuredClass): string {
  const own = layer === 'phase' ? name : `${name} (${layer}s)`;
  return against === undefined ? own : `${own} against ${against}`;
}

function formatMeasured(measured: Measured | null): string {
  if (measured === null) return '–';
  const { value, low, high } = measured;
  return low === null || high === null
    ? value.toFixed(2)
    : `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}
