import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { type LabelledText, readLabelledText } from '../../core/review/judge/index.ts';
import { JudgeSettings, pricesOf } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import type { JudgeEvalArgs } from '../../protocol/judge-eval.ts';
import { defaultPrompt, type JudgeEvalBase, planJudgeEval, runJudgeEval } from '../../runner/judge/evaluation.ts';
import { limitedJudge } from '../../runner/judge/plan-judge.ts';
import { Dataset, lockRound } from '../../store/index.ts';
import { openSource } from '../../store/source/index.ts';
import { explainRunDiskFull } from '../../system/atomic-write.ts';
import { type VerbContext, VerbError } from '../context.ts';
import type { Print, Run } from '../index.ts';
import { formatJudgeEval } from './print.ts';

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
  const limited = limitedJudge(own, model);
  const sampling = { ...limited.sampling, ...defined({ maxTokens }) };
  const settings = { ...limited, ...defined({ sentences, context: before, concurrency, secondPass }), sampling };
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

export const print: Print<'judge-eval'> = formatJudgeEval;
