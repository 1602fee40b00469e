import { join } from 'node:path';
import { connectivesOf, turnSentence } from '../../core/dialogue/index.ts';
import { RepairLine, type RepairSummary, type RoundSummary } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import type { Dataset } from '../../store/index.ts';
import { linesOf } from '../../store/lines/files.ts';
import { LineWriter } from '../../store/lines/line-writer.ts';
import { workThrough } from '../calls/with-cached-client.ts';
import { headInUse } from '../classifier/head.ts';
import { type Continuing, continueInRound, paidElsewhere } from '../continuation/continuing.ts';
import { PaidSamples } from '../continuation/known-outcomes.ts';
import { bandedChains, chainsOf, spent } from '../finished-round.ts';
import type { RoundRun } from '../run-context.ts';
import { perClass } from '../summary.ts';
import { ChainRepair, type RepairContext } from './chain-repair.ts';
import { REPAIRS_FILE, type RepairRoundPlan } from './plan-repair.ts';

/** At least: a chain mostly has one request in flight. */
const CHAINS_AT_ONCE = 8;

/** Runs or resumes a round that repairs chains. @throws as runRound, which calls it */
export async function runRepair(run: RoundRun & { plan: RepairRoundPlan }): Promise<RoundSummary> {
  const { dataset, plan, folder, context, counts, state, onError } = run;
  const { concurrency } = plan.repair;
  const file = join(folder, REPAIRS_FILE);
  const done = new Map<string, RepairLine>();
  for await (const line of linesOf(file, RepairLine)) done.set(line.chainId, line);
  const paid = await paidElsewhere(dataset, plan);
  const before = await spent(dataset, plan.round);
  const lines = new LineWriter(file, { sync: true });
  try {
    await continueInRound(dataset, { round: plan, concurrency, counts, paid }, context, async (continuing) => {
      const repairing = await repairContext(run, continuing, before.tokens);
      const left = plan.repair.chains.filter(({ chainId }) => !done.has(chainId));
      state.set('running');
      try {
        await workThrough(
          left,
          continuing.cached,
          { concurrency: Math.max(CHAINS_AT_ONCE, concurrency), ...context },
          async (item) => {
            const line = await new ChainRepair(repairing, item).run();
            await lines.append(line);
            done.set(line.chainId, line);
            report(run, done);
          },
        );
        continuing.cached.throwIfAllRefused();
      } catch (error) {
        onError();
        throw error;
      }
    });
  } finally {
    await lines.close();
  }
  const summary = await summarise(run, [...done.values()]);
  await dataset.writeSummary(plan.round, summary);
  return summary;
}

async function repairContext(
  { dataset, plan, context, counts }: RoundRun & { plan: RepairRoundPlan },
  continuing: Continuing,
  tokensBefore: number,
): Promise<RepairContext> {
  const { signal, log } = context;
  const known = await chainsOf(dataset, plan.round);
  for (const chain of known.values()) counts.assembled(chain);
  const connectives = connectivesOf(plan.prompts);
  const { tokens = Number.POSITIVE_INFINITY } = plan.repair.settings;
  return {
    ...{ dataset, plan, continuing, signal },
    paid: await PaidSamples.open(dataset, plan.model, new Set(plan.problemIds), plan.round),
    madeBefore: madeBefore(dataset, plan),
    usedBy: await usedBy(dataset, plan),
    filterContext: await filterContextOf(dataset.folder, plan.filters, log),
    head: await headInUse(dataset, log),
    turn: (id, isStart) => turnSentence(id, isStart, connectives),
    isSpent: () => tokensBefore + counts.completionTokens >= tokens,
    emit: async (chain) => {
      if (known.has(chain.id)) return;
      await dataset.appendChains(plan.round, [chain]);
      known.set(chain.id, chain);
      counts.assembled(chain);
    },
  };
}

/** Ids of chains of other rounds, by the chain of this one that they were made from. */
function madeBefore({ index }: Dataset, { round, repair }: RepairRoundPlan): Map<string, string[]> {
  const { rows } = index.chainTable;
  const made = new Map(repair.chains.map(({ chainId }): [string, string[]] => [chainId, []]));
  for (let position = 0; position < rows.size; position++) {
    const parent = rows.value(position, 'parent');
    if (parent !== undefined && rows.value(position, 'round') !== round)
      made.get(parent)?.push(rows.value(position, 'id'));
  }
  return made;
}

/** The chain that each call repairs, of the problems of a round. A chain that the filters exclude is in no training set. */
async function usedBy(dataset: Dataset, { problemIds }: RepairRoundPlan): Promise<Map<string, string>> {
  const { rows } = dataset.index.chainTable;
  const problems = new Set(problemIds);
  const used = new Map<string, string>();
  for (let position = 0; position < rows.size; position++) {
    if (rows.value(position, 'parent') === undefined || !problems.has(rows.value(position, 'problemId'))) continue;
    const { repairs, passed } = await dataset.chain(rows.value(position, 'id'));
    if (repairs?.call !== undefined && passed) used.set(repairs.call, repairs.chain);
  }
  return used;
}

function report(
  { plan, context, counts, dataset }: RoundRun & { plan: RepairRoundPlan },
  done: ReadonlyMap<string, RepairLine>,
): void {
  const open = new Set(
    plan.repair.chains.flatMap(({ chainId }) =>
      done.has(chainId) ? [] : (dataset.index.chain(chainId)?.problemId ?? []),
    ),
  );
  counts.problemsDone = plan.problemIds.filter((id) => !open.has(id)).length;
  context.progress({
    done: done.size,
    total: plan.repair.chains.length,
    unit: 'chains',
    message: counts.waitingFor ?? `${plural(counts.calls, 'call')}, ${plural(counts.chainsPassed, 'repaired chain')}`,
  });
}

async function summarise(
  { dataset, plan, state }: RoundRun & { plan: RepairRoundPlan },
  lines: readonly RepairLine[],
): Promise<RoundSummary> {
  const { calls, tokens } = await spent(dataset, plan.round);
  const chains = await bandedChains(dataset, plan);
  const passed = chains.filter((chain) => chain.passed);
  const solved = new Set(chains.map(({ problemId }) => problemId));
  const ends: RepairSummary['ends'] = {};
  for (const { end } of lines) ends[end] = (ends[end] ?? 0) + 1;
  return {
    ...{ version: 1, round: plan.round, finishedAt: new Date().toISOString(), calls, completionTokens: tokens },
    seconds: Math.round(10 * (state.secondsBefore + state.seconds)) / 10,
    problems: plan.problemIds.length,
    problemsWithoutChain: plan.problemIds.filter((id) => !solved.has(id)).length,
    chains: chains.length,
    chainsPassed: passed.length,
    pairs: perClass([]),
    assembled: perClass(chains.flatMap((chain) => chain.class ?? [])),
    kept: perClass(passed.flatMap((chain) => chain.class ?? [])),
    quotaDropped: [],
    repair: { ends },
  };
}
