import { present } from '../../core/defined.ts';
import type { Measured, MeasuredClass } from '../../core/review/judge/index.ts';
import { isLocalModel } from '../../core/schemas/index.ts';
import { formatCost, formatCount, formatDuration, plural } from '../../core/text/format.ts';
import type { JudgeEvalPlan, JudgeEvalReport, JudgeEvalScores } from '../../protocol/judge-eval.ts';
import type { RefilterResult } from '../../protocol/rework.ts';
import { lines } from '../format.ts';
import { code } from '../grading/print.ts';
import type { VerbResult } from '../index.ts';

/** Sums over the rounds. */
export function refilterTotals({ rounds }: RefilterResult) {
  const sum = (key: Exclude<keyof RefilterResult['rounds'][number], 'round'>): number =>
    rounds.reduce((total, round) => total + round[key], 0);
  return {
    chains: sum('chains'),
    changed: sum('changed'),
    passedBefore: sum('passedBefore'),
    passedAfter: sum('passedAfter'),
    quotaBefore: sum('quotaBefore'),
    quotaAfter: sum('quotaAfter'),
  };
}

/** What a refiltering found, for a person at a terminal. */
export function formatRefilter(result: RefilterResult): string {
  const { chains, changed, passedBefore, passedAfter, quotaBefore, quotaAfter } = refilterTotals(result);
  const moved = result.filters.filter(({ rejected, passed }) => rejected + passed > 0);
  const written = result.applied
    ? `Written into the rounds: new results of ${plural(changed, 'chain')}.`
    : `Nothing was changed; --apply writes the new results of ${plural(changed, 'chain')} into the rounds.`;
  return present(
    `${plural(chains, 'chain')} filtered again in ${result.seconds.toFixed(1)} s. Passed: ${formatCount(passedBefore)} before, ${formatCount(passedAfter)} now (${formatCount(result.rejected)} newly filtered out, ${formatCount(result.passed)} newly passed). Filtered out by quota or selection: ${formatCount(quotaBefore)} before, ${formatCount(quotaAfter)} now.`,
    ...moved.map(({ id, before, after, rejected, passed, newlyRejected, newlyPassed }) => {
      const shown = [...newlyRejected.map((chain) => `+ ${chain}`), ...newlyPassed.map((chain) => `- ${chain}`)];
      const more = rejected + passed > shown.length || shown.length > SHOWN ? ', …' : '';
      return `  ${id.padEnd(20)}filters out ${formatCount(after)} (${formatCount(before)} before; +${formatCount(rejected)} −${formatCount(passed)}): ${shown.slice(0, SHOWN).join(', ')}${more}`;
    }),
    result.missing > 0 &&
      `${plural(result.missing, 'problem is', 'problems are')} missing; filters that use ${result.missing === 1 ? 'it' : 'them'} were not applied.`,
    written,
  ).join('\n');
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

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? formatCount(cell) : cell)).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function section(title: string, count: number, ids: readonly string[]): string[] {
  if (count === 0) return [];
  const more = count > ids.length ? [`- … and ${formatCount(count - ids.length)} more`] : [];
  return [`## ${title} (${formatCount(count)})`, [...ids.map((id) => `- ${code(id)}`), ...more].join('\n')];
}

/** What a measurement of a judge would cost, or what it found, for a person at a terminal. */
export const formatJudgeEval = ({ plan, report }: VerbResult<'judge-eval'>): string =>
  report ? formatReport(plan, report) : formatPlan(plan);

function formatPlan(plan: JudgeEvalPlan): string {
  const thinking = plan.measured ? 'by its earlier calls' : 'if it does not think before it answers';
  return lines(
    `${plan.model.model} would label the ${plan.ask} of ${sampled(plan)} in ${plural(plan.windows, 'window')}${plan.secondPass ? ', twice' : ''}.`,
    `${plural(plan.requests, 'request')}, ${formatCount(plan.reused)} more answered by the journal; about ${plural(plan.promptTokens, 'prompt token')} and ${plural(plan.completionTokens, 'completion token')} ${thinking}, at most ${formatCount(plan.completionTokensMax)}. Cost: ${formatCost(plan.cost, isLocalModel(plan.model))}.`,
  );
}

const sampled = ({ sentences, sentencesAll, texts }: JudgeEvalPlan): string =>
  `${plural(sentences, 'sentence')}${sentences < sentencesAll ? ` (of ${formatCount(sentencesAll)})` : ''} of ${plural(texts, 'text')}`;

function formatReport(plan: JudgeEvalPlan, report: JudgeEvalReport): string {
  const { scores, firstPass, unconfirmedWindows = 0 } = report;
  return lines(
    `${plan.model.model} labelled the ${plan.ask} of ${sampled(plan)}; ${formatCount(report.answered)} with a usable answer, which are compared with the labels by people.`,
    ...(report.answered === 0 ? [] : formatScores(scores)),
    ...(firstPass === undefined || report.answered === 0 ? [] : ['First pass alone:', ...formatScores(firstPass)]),
    ...(unconfirmedWindows === 0
      ? []
      : [
          `${plural(unconfirmedWindows, 'window keeps', 'windows keep')} the labels of the first pass: no usable answer.`,
        ]),
    `${plural(report.calls, 'call')}, ${formatCount(report.reused)} from the journal, ${plural(report.retries, 'retry', 'retries')}; ${formatCount(report.promptTokens)} prompt and ${plural(report.completionTokens, 'completion token')}, ${formatDuration(report.seconds)}. Cost: ${formatCost(report.cost, isLocalModel(plan.model))}.`,
    ...(report.failedWindows === 0
      ? []
      : [`${plural(report.failedWindows, 'window has', 'windows have')} no usable answer:`]),
    ...report.failed.map(({ id, from, to, reason }) => `  ${id}, sentences ${from} to ${to}: ${reason}`),
  );
}

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
