import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { policyOfPiece } from '../core/answers/policies.ts';
import { connectivesOf } from '../core/dialogue/index.ts';
import { bandOfChains, withBand } from '../core/filters/index.ts';
import {
  type Chain,
  type ChainClass,
  hostOf,
  JournalLine,
  type RoundSummary,
  type Verdict,
} from '../core/model/index.ts';
import { chainCandidates } from '../grading/candidates.ts';
import { GradingPool } from '../grading/pool.ts';
import { filterContextOf } from '../store/benchmarks.ts';
import type { Dataset } from '../store/index.ts';
import { LineWriter } from '../store/line-writer.ts';
import { Asker } from './asker.ts';
import type { DialoguePlan } from './dialogue-plan.ts';
import { Journal } from './journal.ts';
import { openModel } from './open-model.ts';
import { type FlowContext, runProblem } from './problem-flow.ts';
import type { RoundRun, RunContext } from './round-run.ts';
import { samplesPerRequestOf } from './samples-per-request.ts';
import type { RoundCounts } from './state.ts';
import { perClass, summariseChains } from './summary.ts';

/**
 * Runs a dialogue round to its end, or goes on with one that stopped.
 * @throws as runRound, which calls it.
 */
export async function executeDialogue(run: RoundRun & { plan: DialoguePlan }): Promise<RoundSummary> {
  const { dataset, plan, folder, context, counts, state } = run;
  const { signal, log } = context;
  const client = await openModel(plan.model, plan.dialogue.idleTimeoutSeconds, dataset.folder, context, state);
  const journal = await Journal.open(join(folder, 'journal.jsonl'), JournalLine);
  const { concurrency, samplesPerRequest } = plan.dialogue;
  const asker = new Asker({
    plan,
    samplesPerRequest: samplesPerRequest ?? (await samplesPerRequestOf(dataset.folder, plan.model, concurrency)),
    host: hostOf(plan.model),
    model: plan.model.model,
    journal,
    client,
    counts,
    signal,
    log,
  });
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs') });
  const gradesFile = new LineWriter(join(folder, 'grades.jsonl'), { sync: false });
  try {
    const flow = await flowContext(dataset, plan, asker, pool, gradesFile, counts, signal);
    flow.filterContext = await filterContextOf(dataset.folder, plan.filters, log);
    state.say('running');
    const pairs = await runProblems(dataset, plan, flow, context, counts);
    const chains = await bandedChains(dataset, plan);
    const { assembly } = (await dataset.summary(plan.round)) ?? {};
    const paid = await spent(dataset, plan.round);
    const summary = summarise(plan, assembly, pairs, chains, paid, state.secondsBefore + state.seconds);
    await dataset.writeSummary(plan.round, summary);
    return summary;
  } finally {
    // A reply that is being written down was paid for: the process must not end before it stands in the journal.
    await journal.settled();
    await gradesFile.close();
    await pool.close();
  }
}

/** Grades and chains that an earlier run of this round wrote are known before the first problem begins. */
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
      const verdict = await pool.grade(problem.answer, asked.text, policyOfPiece(plan.grading, piece), signal);
      grades.set(asked.key, verdict);
      await gradesFile.append({
        ...{ key: asked.key, problemId: problem.id, piece, index: asked.index, verdict },
        ...(asked.reply.finish === 'length' ? { truncated: true } : {}),
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

/**
 * Problems begun for each request that may be in flight. With one, its place would stay empty while its reply is written down and graded; a second one
 * fills it.
 */
const PROBLEMS_AHEAD = 2;

/** Runs the problems, twice as many at once as there may be requests in flight. Out: how many graded pairs fell into each class, by problem. */
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
      } else context.log(`Problem ${id} is no longer in the dataset; left out.`);
      counts.problemsDone++;
      context.progress({
        done: counts.problemsDone,
        total: plan.problemIds.length,
        unit: 'problems',
        message: `${counts.calls} calls, ${counts.chains} chains, ${counts.chainsPassed} passed`,
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

/** `assembly`: how the round's chains were assembled again since it was run, which stays. */
function summarise(
  plan: DialoguePlan,
  assembly: RoundSummary['assembly'],
  problems: readonly ProblemPairs[],
  chains: readonly Chain[],
  paid: { calls: number; tokens: number },
  seconds: number,
): RoundSummary {
  return {
    version: 1,
    round: plan.round,
    finishedAt: new Date().toISOString(),
    calls: paid.calls,
    completionTokens: paid.tokens,
    seconds: Math.round(seconds * 10) / 10,
    problems: plan.problemIds.length,
    problemsWithoutChain: problems.filter((problem) => problem.chains === 0).length,
    pairs: perClass(problems.flatMap((problem) => problem.classes)),
    ...summariseChains(chains, plan.seed, assembly ?? plan.dialogue),
    ...(assembly ? { assembly } : {}),
  };
}

/** The chains of the round that has ended now, each with what its length says beside the others; what is new is appended. */
async function bandedChains(dataset: Dataset, { round, filters }: DialoguePlan): Promise<Chain[]> {
  const chains = [...(await chainsOf(dataset, round)).values()];
  const band = bandOfChains(chains, filters);
  const banded = chains.map((chain) => withBand(chain, band, filters));
  const changed = banded.filter((chain, i) => !isDeepStrictEqual(chain.filters, chains[i]?.filters));
  await dataset.appendChains(round, changed);
  return banded;
}

async function chainsOf(dataset: Dataset, round: string): Promise<Map<string, Chain>> {
  const chains = new Map<string, Chain>();
  for await (const chain of dataset.chainLines(round)) chains.set(chain.id, chain);
  return chains;
}

/** Calls and completion tokens of the whole round, earlier runs included. */
async function spent(dataset: Dataset, round: string): Promise<{ calls: number; tokens: number }> {
  let calls = 0;
  let tokens = 0;
  for await (const line of dataset.journal(round)) {
    calls++;
    tokens += line.reply.usage.completion;
  }
  return { calls, tokens };
}
