import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { connectivesOf } from '../../core/dialogue/index.ts';
import { UserError } from '../../core/errors.ts';
import { policyOfPiece } from '../../core/grading/policies.ts';
import {
  type Chain,
  type ChainClass,
  hostOf,
  JournalLine,
  type RoundPlan,
  type RoundSummary,
  replyOutcome,
  type Verdict,
} from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { chainCandidates } from '../../grading/candidates.ts';
import { GradingPool } from '../../grading/pool.ts';
import { gradeReply } from '../../grading/reply.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import type { Dataset } from '../../store/index.ts';
import { LineWriter } from '../../store/lines/line-writer.ts';
import { Asker } from '../calls/asker.ts';
import { Journal } from '../calls/journal.ts';
import { openModel } from '../calls/open-model.ts';
import { samplesPerRequestOf } from '../calls/samples-per-request.ts';
import { headInUse } from '../classifier/head.ts';
import { bandedChains, chainsOf, type Spent, spent } from '../finished-round.ts';
import type { RoundRun, RunContext } from '../run-context.ts';
import type { RoundCounts } from '../state.ts';
import { perClass, summariseChains } from '../summary.ts';
import { type FlowContext, runProblem } from './problem-flow.ts';

/**
 * Runs or resumes a dialogue round.
 * @throws as runRound, which calls it.
 */
export async function runDialogue(run: RoundRun & { plan: DialoguePlan }): Promise<RoundSummary> {
  const { dataset, plan, folder, context, counts, state } = run;
  const { signal, stopNow, log } = context;
  const client = await openModel(plan.model, plan.dialogue.idleTimeoutSeconds, dataset, context, state);
  const journal = await Journal.open(join(folder, 'journal.jsonl'), JournalLine, log);
  const { concurrency, samplesPerRequest } = plan.dialogue;
  const asker = new Asker({
    plan,
    samplesPerRequest: samplesPerRequest ?? (await samplesPerRequestOf(dataset.folder, plan.model, concurrency)),
    host: hostOf(plan.model),
    model: plan.model.model,
    journal,
    client,
    counts,
    calls: dataset.settings.calls,
    signal,
    stopNow,
    log,
  });
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs') });
  const gradesFile = new LineWriter(join(folder, 'grades.jsonl'), { sync: false });
  try {
    const flow = await flowContext(dataset, plan, asker, pool, gradesFile, counts, signal);
    flow.filterContext = await filterContextOf(dataset.folder, plan.filters, log);
    flow.head = await headInUse(dataset, log);
    state.set('running');
    const pairs = await runProblems(dataset, plan, flow, context, counts);
    const chains = await bandedChains(dataset, plan);
    const { assembly } = (await dataset.summary(plan.round)) ?? {};
    const paid = await spent(dataset, plan.round);
    const summary = summarise(plan, assembly, pairs, chains, paid, state.secondsBefore + state.seconds);
    await dataset.writeSummary(plan.round, summary);
    asker.throwIfAllRefused();
    return summary;
  } catch (error) {
    run.onError();
    throw error;
  } finally {
    await asker.drain();
    await journal.settled();
    await gradesFile.close();
    await pool.close();
  }
}

/** Known grades and chains of earlier runs. */
async function flowContext(
  dataset: Dataset,
  plan: DialoguePlan,
  asker: Asker,
  pool: GradingPool,
  gradesFile: LineWriter,
  counts: RoundCounts,
  signal: AbortSignal,
): Promise<FlowContext> {
  const grades = new Map<string, Verdict>();
  for await (const grade of dataset.grades(plan.round)) grades.set(grade.key, grade.verdict);
  const known = await chainsOf(dataset, plan.round);
  return {
    round: plan.round,
    model: plan.model.model,
    settings: plan.dialogue,
    filters: plan.filters,
    connectives: connectivesOf(plan.prompts),
    asker,
    grade: async (problem, piece, asked) => {
      const before = grades.get(asked.key);
      if (before) return before;
      const verdict = await gradeReply(pool, problem.answer, asked.reply, policyOfPiece(plan.grading, piece), signal);
      const ended = replyOutcome(asked.reply);
      grades.set(asked.key, verdict);
      await gradesFile.append({
        ...{ key: asked.key, problemId: problem.id, piece, index: asked.index, verdict },
        ...(ended !== 'answered' && { reply: ended }),
      });
      return verdict;
    },
    emit: async (chain) => {
      if (!known.has(chain.id)) {
        const problem = await dataset.problem(chain.problemId);
        const candidates = await chainCandidates(pool, chain.text, problem, plan.grading, signal);
        await dataset.appendChains(plan.round, [{ ...chain, candidates }]);
      }
      known.set(chain.id, chain);
      counts.assembled(chain);
    },
  };
}

/** Problems in progress per request in flight; the second fills the place while a reply is written and graded. */
const PROBLEMS_AHEAD = 2;

/** Runs the problems. @returns the number of graded pairs by class and problem */
async function runProblems(
  dataset: Dataset,
  plan: DialoguePlan,
  flow: FlowContext,
  context: RunContext,
  counts: RoundCounts,
): Promise<ProblemPairs[]> {
  const left = [...plan.problemIds];
  const results: ProblemPairs[] = [];
  const worker = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      context.signal.throwIfAborted();
      if (dataset.index.problem(id)) {
        const { pairs, chains } = await runProblem(await dataset.problem(id), flow);
        results.push({ classes: pairs.map((pair) => pair.class), chains });
      } else context.log(`Problem ${id} is no longer in the dataset and is skipped.`);
      counts.problemsDone++;
      context.progress({
        done: counts.problemsDone,
        total: plan.problemIds.length,
        unit: 'problems',
        message: `${plural(counts.calls, 'call')}, ${plural(counts.chains, 'chain')}, ${formatCount(counts.chainsPassed)} passed`,
      });
    }
  };
  // One failing problem ends the round; the others stop at their next call.
  await Promise.all(Array.from({ length: Math.min(PROBLEMS_AHEAD * plan.dialogue.concurrency, left.length) }, worker));
  return results;
}

interface ProblemPairs {
  classes: ChainClass[];
  chains: number;
}

/** `assembly`: the settings of a later rebuild, which stay. */
function summarise(
  plan: DialoguePlan,
  assembly: RoundSummary['assembly'],
  problems: readonly ProblemPairs[],
  chains: readonly Chain[],
  paid: Spent,
  seconds: number,
): RoundSummary {
  return {
    version: 1,
    round: plan.round,
    finishedAt: new Date().toISOString(),
    calls: paid.calls,
    replies: paid.replies,
    completionTokens: paid.tokens,
    seconds: Math.round(seconds * 10) / 10,
    problems: plan.problemIds.length,
    problemsWithoutChain: problems.filter((problem) => problem.chains === 0).length,
    pairs: perClass(problems.flatMap((problem) => problem.classes)),
    ...summariseChains(chains, plan.seed, assembly ?? plan.dialogue),
    ...defined({ assembly }),
  };
}

/** The complete plan of a dialogue round. */
export type DialoguePlan = Omit<RoundPlan, Needed> & { [Key in Needed]: NonNullable<RoundPlan[Key]> };
type Needed = 'model' | 'dialogue' | 'filters' | 'grading' | 'prompts' | 'seed';

/** @throws UserError `round` for a plan of another kind */
export function dialoguePlan(plan: RoundPlan): DialoguePlan {
  const { model, dialogue, filters, grading, prompts, seed } = plan;
  if (plan.kind !== 'dialogue' || !model || !dialogue || !filters || !grading || !prompts || seed === undefined) {
    throw new UserError(
      'round',
      `Round ${plan.round} is ${plan.kind}: no model generated it.`,
      'Only generated rounds can run.',
    );
  }
  return { ...plan, model, dialogue, filters, grading, prompts, seed };
}
