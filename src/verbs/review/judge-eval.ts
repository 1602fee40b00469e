import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import {
  type LabelledText,
  type Measured,
  type MeasuredClass,
  readLabelledText,
} from '../../core/review/judge/index.ts';
import { isLocalModel, JudgeSettings, pricesOf } from '../../core/schemas/index.ts';
import { formatCost, formatCount, formatDuration, plural } from '../../core/text/format.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import type { JudgeEvalArgs, JudgeEvalPlan, JudgeEvalReport, JudgeEvalScores } from '../../protocol/judge-eval.ts';
import { defaultPrompt, type JudgeEvalBase, planJudgeEval, runJudgeEval } from '../../runner/judge/evaluation.ts';
import { Dataset, lockRound } from '../../store/index.ts';
import { openSource } from '../../store/source/index.ts';
import { explainRunDiskFull } from '../../system/atomic-write.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';

/** Unreadable rows that are logged. */
const LOGGED_ROWS = 5;

export const run: Run<'judge-eval'> = async (args, context) => {
  const folder = args.journal ?? join(cacheFolder(context.env), 'judge-eval');
  const base = await baseOf(args, join(folder, 'journal.jsonl'), context);
  const texts = await labelledTexts(args.file, context);
  const { work, plan } = await planJudgeEval(texts, args, base, context);
  if (args.plan) return { plan };
  await mkdir(folder, { recursive: true });
  const lock = await lockRound(folder, 'judge');
  try {
    return { plan, report: await runJudgeEval(work, plan, { ...context, cache: context.env.LONGHAND_CACHE }) };
  } catch (error) {
    throw explainRunDiskFull(error);
  } finally {
    await lock.release();
  }
};

async function baseOf(args: JudgeEvalArgs, journal: string, context: VerbContext): Promise<JudgeEvalBase> {
  const { mediaFolder, log } = context;
  const dataset = args.dataset === undefined ? undefined : await Dataset.open(args.dataset, { log, index: false });
  const own = dataset?.settings.judge ?? JudgeSettings.parse({});
  const model = args.model ?? own.model;
  if (model === undefined) {
    throw new VerbError(
      'No judge is named.',
      'Name one with --url and --model or with --starter, or a --dataset that has one.',
    );
  }
  const { window: sentences, context: before, concurrency, secondPass, maxTokens } = args;
  const sampling = { ...own.sampling, ...defined({ maxTokens }) };
  const settings = { ...own, ...defined({ sentences, context: before, concurrency, secondPass }), sampling };
  return {
    model,
    settings,
    prices: args.prices ?? (dataset && pricesOf(dataset.settings, model)),
    readPrompt: (name) => dataset?.sharedPrompt(name, mediaFolder) ?? defaultPrompt(mediaFolder, name),
    journal,
  };
}

async function labelledTexts(file: string, { signal, log }: VerbContext): Promise<LabelledText[]> {
  const source = await openSource(file);
  const texts: LabelledText[] = [];
  const reasons: string[] = [];
  for await (const row of source.rows({ signal })) {
    const read = 'reason' in row ? row : readLabelledText(row.row, row.line);
    if ('text' in read) texts.push(read.text);
    else reasons.push(`Row ${row.line} is skipped: ${read.reason}`);
  }
  for (const reason of reasons.slice(0, LOGGED_ROWS)) log(reason);
  if (reasons.length > LOGGED_ROWS)
    log(`${plural(reasons.length - LOGGED_ROWS, 'more row is', 'more rows are')} skipped.`);
  if (texts.length > 0) return texts;
  throw new VerbError(
    `${file} has no text with labels. ${reasons[0] ?? ''}`.trim(),
    'A row needs “text” and “spans” with “start”, “end”, and “label” (a phase) or “kind” (a behaviour).',
  );
}

export const print: Print<'judge-eval'> = ({ plan, report }) =>
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
    '  In brackets: 95 % intervals, bootstrap over texts.',
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
