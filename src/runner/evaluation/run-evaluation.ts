import { join } from 'node:path';
import { UserError } from '../../core/errors.ts';
import {
  answersDocument,
  byProblem,
  type EvaluatedSample,
  type EvaluationResult,
  evaluationPicture,
  evaluationReport,
  evaluationScores,
  inOrder,
  isCorrect,
  isTruncated,
  namedProblems,
  shownAnswer,
} from '../../core/evaluation/index.ts';
import { costOf, isInterrupted, JournalLine, type Problem, pieceText } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { GradingPool } from '../../grading/pool.ts';
import { connect } from '../../models/connect.ts';
import {
  ANSWERS_FILE,
  EVALUATION_JOURNAL,
  evaluatedProblems,
  evaluatedSamples,
  evaluationCalls,
  lockEvaluation,
  PICTURE_FILE,
  SAMPLES_FILE,
  type StoredEvaluation,
  writeEvaluation,
} from '../../store/evaluations.ts';
import { checkOf, type Dataset } from '../../store/index.ts';
import { LineWriter } from '../../store/lines/line-writer.ts';
import { explainRunDiskFull } from '../../system/atomic-write.ts';
import { CachedClient, type Paid } from '../calls/cached-client.ts';
import { Journal } from '../calls/journal.ts';
import type { RoundRun, RunContext } from '../run-context.ts';
import { responseRequest } from '../sampling/response-call.ts';
import { CallCounts } from '../state.ts';
import { evaluatedSample } from './sample.ts';
import { contaminationOf } from './trained.ts';

/** Requests begun for each that may be in flight: while one reply is graded, another is on its way. */
const AHEAD = 2;
/** How often a call is sent whose reply an error or an abort ended. The last reply counts. */
const MOST_INTERRUPTED = 3;
const TELL_EVERY_MS = 250;

/** Finds which of some problems are among the training data. */
export type FindContamination = typeof contaminationOf;

/** Samples of one problem that are asked for together. */
interface Task {
  problem: Problem;
  indexes: number[];
}

/**
 * Runs an evaluation to its end, or goes on with one that stopped: calls and grades that its files hold are not made again. One that has ended
 * asks only for what the server refused; its report is written anew.
 * @param contamination reads all training data of the dataset, unless it is another function
 * @throws UserError `round` when it is cancelled, or nothing could be graded; ModelError when the model can't be used; StoreError when another
 * process runs it.
 */
export async function runEvaluation(
  dataset: Dataset,
  stored: StoredEvaluation,
  context: RunContext,
  contamination: FindContamination = contaminationOf,
): Promise<EvaluationResult> {
  const { evaluation } = stored.plan;
  const lock = await lockEvaluation(dataset.folder, stored.folder);
  const { signal } = context;
  let cancelledFirst: boolean | undefined;
  const onError = (): void => {
    cancelledFirst ??= signal.aborted;
  };
  try {
    const problems = await evaluatedProblems(stored);
    const samples = await drawAll(dataset, stored, problems, { ...context, onError });
    return await settle(stored, problems, samples, () => contamination(dataset, problems, signal));
  } catch (error) {
    onError();
    if (!cancelledFirst) throw explainRunDiskFull(error);
    const again = `“longhand evaluate --resume ${evaluation}” or Longhand: Evaluate… resumes it.`;
    throw new UserError('round', `Evaluation ${evaluation} was cancelled. Finished calls are kept.`, again);
  } finally {
    await lock.release();
  }
}

async function drawAll(
  dataset: Dataset,
  { folder, plan }: StoredEvaluation,
  problems: readonly Problem[],
  context: RunContext & Pick<RoundRun, 'onError'>,
): Promise<EvaluatedSample[]> {
  const { signal, stopNow, log } = context;
  const samples = await evaluatedSamples(folder);
  const tasks = tasksOf(problems, plan, samples);
  const counts = new CallCounts();
  const report = progressReporter(samples, problems.length * plan.k, counts, context);
  report(true);
  if (tasks.length === 0) return samples;
  const known = await checkOf(dataset.folder, plan.model);
  const client = await connect(plan.model, {
    idleTimeoutMs: plan.idleTimeoutSeconds * 1000,
    maxReplyBytes: dataset.settings.calls.maxReplyMB * 1e6,
    distFolder: context.distFolder,
    cache: context.cache,
    onProgress: ({ message }) => log(message),
    signal,
    mostChoices: known?.n === 'not honoured' ? 1 : undefined,
  });
  const journal = await Journal.open(join(folder, EVALUATION_JOURNAL), JournalLine, log);
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs') });
  const file = new LineWriter(join(folder, SAMPLES_FILE), { sync: false });
  const { concurrency, grading } = plan;
  const { calls } = dataset.settings;
  const onWaiting = (): void => report(true);
  const cached = new CachedClient({
    ...{ journal, client, concurrency, counts, calls, signal, stopNow, log, onWaiting },
    isRepeated: isInterrupted,
  });
  const draw = async ({ problem, indexes }: Task): Promise<void> => {
    const requests = indexes.map((index) => responseRequest(plan, problem, index));
    const indexOf = (i: number): number => indexes[i] ?? 0;
    const name = `${problem.id} response #${indexes.join(', ')}`;
    let paid: Paid[] = [];
    for (let times = 1; times === 1 || (times <= MOST_INTERRUPTED && paid.some(isToRepeat)); times++)
      paid = await cached.callMany(
        requests,
        (call, i) => ({ ...call, problemId: problem.id, piece: 'response', index: indexOf(i) }),
        name,
      );
    for (const [i, one] of paid.entries()) {
      if ('refused' in one) continue;
      const sample = await evaluatedSample({ pool, grading, signal }, problem, indexOf(i), one.reply);
      await file.append(sample);
      samples.push(sample);
      report(false);
    }
  };
  try {
    await inTurn(tasks, AHEAD * concurrency, signal, draw);
    report(true);
    return samples;
  } catch (error) {
    context.onError();
    throw error;
  } finally {
    await cached.drain();
    await journal.settled();
    await file.close();
    await pool.close();
  }
}

const isToRepeat = (paid: Paid): boolean => 'reply' in paid && isInterrupted(paid.reply);

/** The samples that no file holds yet, in the order of the problems. */
function tasksOf(
  problems: readonly Problem[],
  { k, samplesPerRequest }: StoredEvaluation['plan'],
  samples: readonly EvaluatedSample[],
): Task[] {
  const done = new Set(samples.map(({ problemId, index }) => JSON.stringify([problemId, index])));
  return problems.flatMap((problem) => {
    const left = Array.from({ length: k }, (_, index) => index).filter(
      (index) => !done.has(JSON.stringify([problem.id, index])),
    );
    return Array.from({ length: Math.ceil(left.length / samplesPerRequest) }, (_, i) => ({
      problem,
      indexes: left.slice(i * samplesPerRequest, (i + 1) * samplesPerRequest),
    }));
  });
}

/** Works the tasks off, so many at once. No task is begun after the first that fails. */
async function inTurn(
  tasks: readonly Task[],
  width: number,
  signal: AbortSignal,
  work: (task: Task) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let task = tasks[next++]; task !== undefined; task = tasks[next++]) {
      signal.throwIfAborted();
      await work(task);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(width, tasks.length) }, worker));
  } finally {
    next = tasks.length;
  }
}

function progressReporter(
  samples: readonly EvaluatedSample[],
  total: number,
  counts: CallCounts,
  { progress }: Pick<RunContext, 'progress'>,
): (now: boolean) => void {
  let last = 0;
  return (now) => {
    if (!now && performance.now() - last < TELL_EVERY_MS) return;
    last = performance.now();
    const right = samples.filter(isCorrect).length;
    const truncated = samples.filter(isTruncated).length;
    const message = `${formatCount(samples.length)} of ${plural(total, 'answer')}, ${formatCount(right)} correct, ${formatCount(truncated)} truncated`;
    progress({ done: samples.length, total, unit: 'samples', message: counts.waitingFor ?? message });
  };
}

async function settle(
  { folder, plan }: StoredEvaluation,
  problems: readonly Problem[],
  samples: readonly EvaluatedSample[],
  contamination: () => ReturnType<FindContamination>,
): Promise<EvaluationResult> {
  if (byProblem(samples).problems.length === 0) {
    throw new UserError(
      'round',
      `None of ${plural(problems.length * plan.k, 'answer')} could be graded.`,
      samples.some(({ unknownEnd }) => unknownEnd)
        ? 'The server sent a `finish_reason` that Longhand does not know. See journal.jsonl of the evaluation.'
        : 'Check the gold answers and the model. See samples.jsonl and journal.jsonl of the evaluation.',
    );
  }
  const use = { calls: 0, promptTokens: 0, completionTokens: 0 };
  const ordered = inOrder(samples, plan.problemIds);
  const { named } = namedProblems(ordered);
  const isNamed = new Set(named.map(({ problemId }) => problemId));
  const texts = new Map<string, string>();
  for await (const { reply, problemId, index } of evaluationCalls(folder)) {
    const text = isNamed.has(problemId) ? shownAnswer(index, pieceText(reply)) : undefined;
    if (text !== undefined) texts.set(JSON.stringify([problemId, index]), text);
    use.calls += 1;
    use.promptTokens += reply.usage.prompt;
    use.completionTokens += reply.usage.completion;
  }
  const scores = evaluationScores(ordered);
  const result: EvaluationResult = {
    version: 1,
    evaluation: plan.evaluation,
    finishedAt: new Date().toISOString(),
    scores,
    ...use,
    cost: costOf(use, plan.prices) ?? null,
    unanswered: problems.length * plan.k - samples.length,
    contamination: await contamination(),
  };
  const byId = new Map(problems.map((problem) => [problem.id, problem]));
  const answers = answersDocument(
    plan.evaluation,
    named,
    (id) => byId.get(id),
    (id, index) => texts.get(JSON.stringify([id, index])),
  );
  const report = evaluationReport(plan, result, ordered, PICTURE_FILE, ANSWERS_FILE);
  await writeEvaluation(folder, { report, answers, picture: evaluationPicture(plan, scores), result });
  return result;
}
