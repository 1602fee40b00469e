import { join } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { drawFrom, randomSource } from '../../core/maths/random.ts';
import {
  BEHAVIOUR_TASK,
  type BehaviourLabels,
  type Compared,
  type JudgeTask,
  judgeWindows,
  type LabelledText,
  measureAllPhases,
  measureBehaviours,
  measureByPhases,
  measurePhases,
  PHASE_TASK,
  type WindowResult,
} from '../../core/review/judge/index.ts';
import {
  CallSettings,
  JudgeCall,
  type JudgeSettings,
  type ModelRef,
  type Phase,
  type Prices,
} from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import type { JudgeEvalArgs, JudgeEvalPlan, JudgeEvalReport, JudgeEvalScores } from '../../protocol/judge-eval.ts';
import { linesOf } from '../../store/lines/files.ts';
import { readWholeText } from '../../system/regular-file.ts';
import { CallEstimate } from '../calls/call-estimate.ts';
import { Journal } from '../calls/journal.ts';
import { withCachedClient, workThrough } from '../calls/with-cached-client.ts';
import { CallCounts } from '../state.ts';
import type { PlanContext } from './plan-judge.ts';
import { estimateWindow, judgeQuestion, measuredTokens } from './question.ts';
import type { JudgeContext } from './run-judge.ts';
import { type AskedWindow, type JudgeQuestion, judgeWindow } from './window.ts';

/** What the measurement uses of a dataset, or without one. */
export interface JudgeEvalBase {
  model: ModelRef;
  settings: JudgeSettings;
  prices: Prices | undefined;
  /** Reads a prompt file by its name without `.md`. */
  readPrompt: (name: string) => Promise<string>;
  /** Path of the journal. */
  journal: string;
}

/** Everything decided before the first call. */
export interface JudgeEvalWork extends JudgeEvalBase {
  question: JudgeQuestion<Label>;
  asked: LabelledWindow[];
}

/** A phase or behaviours, by the task. */
type Label = Phase | BehaviourLabels;

interface LabelledWindow extends AskedWindow {
  text: LabelledText;
}

/** The default prompt of a name. */
export const defaultPrompt = (mediaFolder: string, name: string): Promise<string> =>
  readWholeText(join(mediaFolder, 'prompts', `${name}.md`));

/**
 * Plans which windows of labelled texts a judge is asked about, and the expected cost, without a call.
 * @throws UserError `judge` without a text, for texts of two forms, or where phases are to be measured and people labelled behaviours.
 */
export async function planJudgeEval(
  texts: readonly LabelledText[],
  args: Pick<JudgeEvalArgs, 'ask' | 'sentences' | 'seed'>,
  base: JudgeEvalBase,
  { signal }: Pick<PlanContext, 'signal'>,
): Promise<{ work: JudgeEvalWork; plan: JudgeEvalPlan }> {
  const form = formOf(texts);
  const ask = args.ask ?? form;
  if (ask === 'phases' && form === 'behaviours') {
    throw new UserError('judge', 'The labels of this file are behaviours, not phases.', 'Leave out --ask.');
  }
  const { model, settings, prices } = base;
  const task = (ask === 'phases' ? PHASE_TASK : BEHAVIOUR_TASK) as JudgeTask<Label>;
  const question = await judgeQuestion(task, model, settings, base.readPrompt);
  const all = texts.flatMap((text) =>
    judgeWindows(text.sentences, settings).map((window) => ({ id: text.id, problem: text.problem, window, text })),
  );
  const asked = sampleWindows(all, args.sentences, args.seed);
  const journal = await Journal.open(base.journal, JudgeCall);
  const ofSentence = await measuredTokens(linesOf(base.journal, JudgeCall), question.judge);
  const calls = new CallEstimate(journal);
  for (const window of asked) {
    signal.throwIfAborted();
    await estimateWindow(calls, journal, question, window, ofSentence);
  }
  const plan = {
    model,
    form,
    ask,
    secondPass: settings.secondPass,
    texts: new Set(asked.map(({ text }) => text)).size,
    sentences: sentencesOf(asked),
    sentencesAll: sentencesOf(all),
    windows: asked.length,
    measured: ofSentence !== undefined,
    ...calls.total(prices),
  };
  return { work: { ...base, question, asked }, plan };
}

/** Asks about the planned windows and compares the answers. A killed run is resumed by running again, and nothing is paid twice. */
export async function runJudgeEval(
  work: JudgeEvalWork,
  plan: JudgeEvalPlan,
  context: JudgeContext,
): Promise<JudgeEvalReport> {
  const startedAt = performance.now();
  const counts = new CallCounts();
  const results: { asked: LabelledWindow; result: WindowResult<Label> }[] = [];
  const { signal, progress } = context;
  const report = (): void =>
    progress({
      done: results.length,
      total: plan.windows,
      unit: 'windows',
      message: counts.waitingFor ?? plural(counts.calls, 'call'),
    });
  const { concurrency, idleTimeoutSeconds } = work.settings;
  const calls = CallSettings.parse({});
  const options = { model: work.model, journal: work.journal, line: JudgeCall, concurrency, idleTimeoutSeconds, calls };
  await withCachedClient({ ...options, counts, onWaiting: report }, context, async (cached) => {
    report();
    await workThrough(work.asked, cached, { concurrency, signal }, async (asked) => {
      results.push({ asked, result: await judgeWindow(cached, work.question, asked) });
      report();
    });
  });
  const failed = results.flatMap(({ asked, result }) => ('reason' in result ? [reasonOf(asked, result.reason)] : []));
  const unconfirmed = results.filter(({ result }) => 'unconfirmed' in result).length;
  const answered = results.flatMap(({ asked, result }) => ('reason' in result ? [] : [{ asked, result }]));
  const first = answered.map(({ asked, result }) => ({ asked, labels: result.first ?? result.labels }));
  return {
    answered: sentencesOf(answered.map(({ asked }) => asked)),
    failedWindows: failed.length,
    failed: failed.slice(0, FAILED_NAMED),
    scores: scoresOf(
      plan,
      answered.map(({ asked, result }) => ({ asked, labels: result.labels })),
    ),
    ...(plan.secondPass && { firstPass: scoresOf(plan, first), unconfirmedWindows: unconfirmed }),
    ...counts.use(work.prices, (performance.now() - startedAt) / 1000),
  };
}

/** Most failed windows named in the result; the journal has all. */
const FAILED_NAMED = 20;

function formOf(texts: readonly LabelledText[]): LabelledText['form'] {
  const forms = [...new Set(texts.map(({ form }) => form))];
  const [form] = forms;
  if (form === undefined) throw new UserError('judge', 'The file has no labelled text.', 'Choose another file.');
  if (forms.length === 1) return form;
  throw new UserError('judge', 'The file has labels of phases and of behaviours.', 'Make a file of each.');
}

/** Windows in random order until they have `sentences` sentences, then in the order of the file. A larger sample contains a smaller one. */
function sampleWindows(all: readonly LabelledWindow[], sentences: number | undefined, seed = 1): LabelledWindow[] {
  if (sentences === undefined) return [...all];
  const drawn = new Set<LabelledWindow>();
  let size = 0;
  for (const window of drawFrom(all, all.length, randomSource(seed))) {
    if (size >= sentences) break;
    drawn.add(window);
    size += window.window.asked.length;
  }
  return all.filter((window) => drawn.has(window));
}

const sentencesOf = (windows: readonly AskedWindow[]): number =>
  windows.reduce((sum, { window }) => sum + window.asked.length, 0);

function reasonOf({ id, window: { asked } }: AskedWindow, reason: string): JudgeEvalReport['failed'][number] {
  return { id, from: asked[0]?.n ?? 1, to: asked.at(-1)?.n ?? 1, reason };
}

interface Answered {
  asked: LabelledWindow;
  labels: ReadonlyMap<number, Label>;
}

function scoresOf({ ask, form }: JudgeEvalPlan, answered: readonly Answered[]): JudgeEvalScores {
  const byText = new Map<LabelledText, [Label, Label][]>();
  for (const { asked, labels } of answered) {
    const pairs = byText.get(asked.text) ?? [];
    for (const { n } of asked.window.asked) {
      const [judge, people] = [labels.get(n), asked.text.labels[n - 1]];
      if (judge !== undefined && people !== undefined) pairs.push([judge, people]);
    }
    byText.set(asked.text, pairs);
  }
  // The forms of both sides are known by the task and the file.
  const pairs = [...byText.values()] as unknown;
  if (ask === 'phases') {
    const texts = pairs as Compared<Phase, Phase>[];
    const all = measureAllPhases(texts);
    return { classes: measurePhases(texts), ...(all && { all }) };
  }
  if (form === 'phases') return { classes: measureByPhases(pairs as Compared<BehaviourLabels, Phase>[]) };
  const hasActs = [...byText.keys()].some((text) => text.form === 'behaviours' && text.hasActs);
  return { classes: measureBehaviours(pairs as Compared<BehaviourLabels, BehaviourLabels>[], hasActs) };
}
