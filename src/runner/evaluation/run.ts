import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import {
  type EvaluatedSample,
  type EvaluationResult,
  evaluationPicture,
  evaluationReport,
  evaluationScores,
  inOrder,
  isCorrect,
} from '../../core/evaluation/index.ts';
import { costOf, JournalLine, type Problem } from '../../core/model/index.ts';
import { GradingPool } from '../../grading/pool.ts';
import { connect } from '../../models/connect.ts';
import {
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
import { LineWriter } from '../../store/line-writer.ts';
import { RoundError } from '../error.ts';
import { Journal } from '../journal.ts';
import { Payer } from '../payer.ts';
import type { RunContext } from '../round-run.ts';
import { responseRequest } from '../sampling/response-call.ts';
import { CallCounts } from '../state.ts';
import { evaluatedSample } from './sample.ts';
import { contaminationOf } from './trained.ts';

/** Requests begun for each that may be in flight: while one reply is graded, another is on its way. */
const AHEAD = 2;
const TELL_EVERY_MS = 250;

/** Samples of one problem that are asked for together. */
interface Task {
  problem: Problem;
  indexes: number[];
}

/**
 * Runs an evaluation to its end, or goes on with one that stopped: calls and grades that its files hold are not made again. One that has ended
 * asks only for what the server refused; its report is written anew.
 * @throws RoundError when it is cancelled, or nothing could be graded; ModelError when the model can't be used; StoreError when another
 * process runs it.
 */
export async function runEvaluation(
  dataset: Dataset,
  stored: StoredEvaluation,
  context: RunContext,
): Promise<EvaluationResult> {
  const { evaluation } = stored.plan;
  const lock = await lockEvaluation(dataset.folder, stored.folder);
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  // Every call in flight listens; the warning at eleven is about leaks.
  setMaxListeners(0, signal);
  try {
    const problems = await evaluatedProblems(stored);
    const samples = await drawAll(dataset, stored, problems, { ...context, signal });
    return await settle(dataset, stored, problems, samples, signal);
  } catch (error) {
    if (!context.signal.aborted) throw error;
    const again = `“longhand evaluate --resume ${evaluation}” or Longhand: Evaluate… goes on with it.`;
    throw new RoundError(`Evaluation ${evaluation} was cancelled. What was paid for is kept.`, again);
  } finally {
    // Whatever was in flight is given up, so that nothing is paid after the run has ended.
    stop.abort();
    await lock.release();
  }
}

async function drawAll(
  dataset: Dataset,
  { folder, plan }: StoredEvaluation,
  problems: readonly Problem[],
  context: RunContext,
): Promise<EvaluatedSample[]> {
  const { signal, log } = context;
  const samples = await evaluatedSamples(folder);
  const tasks = tasksOf(problems, plan, samples);
  const tell = teller(samples, problems.length * plan.k, context);
  tell(true);
  if (tasks.length === 0) return samples;
  const known = await checkOf(dataset.folder, plan.model);
  const client = await connect(plan.model, {
    idleTimeoutMs: plan.idleTimeoutSeconds * 1000,
    distFolder: context.distFolder,
    cache: context.cache,
    onProgress: ({ message }) => log(message),
    signal,
    ...(known?.n === 'not honoured' ? { mostChoices: 1 } : {}),
  });
  const journal = await Journal.open(join(folder, EVALUATION_JOURNAL), JournalLine);
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs') });
  const file = new LineWriter(join(folder, SAMPLES_FILE), { sync: false });
  const { concurrency, grading } = plan;
  const payer = new Payer({ journal, client, concurrency, counts: new CallCounts(), signal, log });
  const draw = async ({ problem, indexes }: Task): Promise<void> => {
    const requests = indexes.map((index) => responseRequest(plan, problem, index));
    const indexOf = (i: number): number => indexes[i] ?? 0;
    const paid = await payer.callMany(
      requests,
      (call, i) => ({ ...call, problemId: problem.id, piece: 'response', index: indexOf(i) }),
      `${problem.id} response #${indexes.join(', ')}`,
    );
    for (const [i, one] of paid.entries()) {
      if ('refused' in one) continue;
      const sample = await evaluatedSample({ pool, grading, signal }, problem, indexOf(i), one.reply);
      await file.append(sample);
      samples.push(sample);
      tell(false);
    }
  };
  try {
    await inTurn(tasks, AHEAD * concurrency, signal, draw);
    tell(true);
    return samples;
  } finally {
    // A reply that is being written down was paid for: the process must not end before it stands in the journal.
    await journal.settled();
    await file.close();
    await pool.close();
  }
}

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

/** Works the tasks off, so many at once. The first that fails ends it; the others stop at their next call. */
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
  await Promise.all(Array.from({ length: Math.min(width, tasks.length) }, worker));
}

function teller(
  samples: readonly EvaluatedSample[],
  total: number,
  { progress }: Pick<RunContext, 'progress'>,
): (now: boolean) => void {
  let last = 0;
  return (now) => {
    if (!now && performance.now() - last < TELL_EVERY_MS) return;
    last = performance.now();
    const right = samples.filter(isCorrect).length;
    const cut = samples.filter(({ truncated }) => truncated).length;
    const message = `${samples.length} of ${total} answers, ${right} right, ${cut} cut off`;
    progress({ done: samples.length, total, unit: 'samples', message });
  };
}

async function settle(
  dataset: Dataset,
  { folder, plan }: StoredEvaluation,
  problems: readonly Problem[],
  samples: readonly EvaluatedSample[],
  signal: AbortSignal,
): Promise<EvaluationResult> {
  const judged = samples.filter(
    ({ outcome, truncated }) => truncated || outcome === 'correct' || outcome === 'incorrect',
  );
  if (judged.length === 0) {
    throw new RoundError(
      `None of the ${problems.length * plan.k} answers could be graded.`,
      'Can the gold answers be read, and does the model answer? samples.jsonl and journal.jsonl of the evaluation say more.',
    );
  }
  const use = { calls: 0, promptTokens: 0, completionTokens: 0 };
  for await (const { reply } of evaluationCalls(folder)) {
    use.calls += 1;
    use.promptTokens += reply.usage.prompt;
    use.completionTokens += reply.usage.completion;
  }
  const ordered = inOrder(samples, plan.problemIds);
  const scores = evaluationScores(ordered);
  const result: EvaluationResult = {
    version: 1,
    evaluation: plan.evaluation,
    finishedAt: new Date().toISOString(),
    scores,
    ...use,
    cost: costOf(use, plan.prices) ?? null,
    unanswered: problems.length * plan.k - samples.length,
    contamination: await contaminationOf(dataset, problems, signal),
  };
  const report = evaluationReport(plan, result, ordered, PICTURE_FILE);
  await writeEvaluation(folder, { report, picture: evaluationPicture(plan, scores), result });
  return result;
}
