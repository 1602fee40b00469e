import { bandOf } from '../../core/export/forms/index.ts';
import {
  type KnownProblem,
  type LeftProblemReason,
  type ProblemChoices,
  type ProblemForm,
  type Tally,
  whyNoProblem,
} from '../../core/export/index.ts';
import { emptyTally, type PassRate, passRate, type Tally as Samples } from '../../core/sampling/index.ts';
import { sampledModel } from '../../runner/sampling/plan-sampling.ts';
import { roundsOf } from '../../runner/sampling/tallies.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import { ChainReader } from '../../store/chain-reader.ts';
import type { Dataset, ProblemRow } from '../../store/index.ts';
import { plainName } from '../../store/names.ts';
import type { VerbContext } from '../context.ts';
import type { VerbArgs } from '../index.ts';
import type { RowFiles } from './files.ts';
import { reporter } from './progress.ts';
import { noProblems } from './trouble.ts';

/** A line of `left-out.jsonl`. */
export interface LeftProblem {
  id: string;
  problem_id: string;
  reason: LeftProblemReason;
}

/** Problems of an export before their rows are written. */
export interface PlannedProblems {
  rows: { problem: ProblemRow; known: Omit<KnownProblem, 'problem'>; isContaminated: boolean }[];
  left: LeftProblem[];
  /** Rounds of the pass rates. */
  sampled: readonly string[];
}

export function problemChoices({ passRate: band, suspects = false }: VerbArgs<'export'>): ProblemChoices {
  return { suspects, ...(band === undefined ? {} : { passRate: bandOf(band) }) };
}

/** What is known of problems by id, and the rounds that it is known from. @throws StoreError `unknown-round` */
async function samplesOf(
  dataset: Dataset,
  { rounds }: VerbArgs<'export'>,
): Promise<{ known: (id: string) => Omit<KnownProblem, 'problem'>; sampled: readonly string[] }> {
  const { index } = dataset;
  for (const round of rounds ?? []) await dataset.roundPlan(plainName(round, 'a round'));
  const sampled = rounds ?? (await sampledRounds(dataset));
  const samples = index.tallies(sampled);
  const rateOf = cachedRates();
  return {
    sampled,
    known: (id) => {
      const tally = samples.get(id) ?? emptyTally(id);
      return { tally, rate: rateOf(tally), suspect: index.suspectGold(id) !== undefined };
    },
  };
}

/**
 * Which problems have a row, and why the others have none. Texts are read only where the dataset has benchmarks.
 * @returns also the number of contaminated problems, before any is left out
 */
export async function planProblems(
  dataset: Dataset,
  args: VerbArgs<'export'>,
  { signal, log }: Pick<VerbContext, 'signal' | 'log'>,
): Promise<PlannedProblems & { contaminated: number }> {
  const choices = problemChoices(args);
  const { known: knownOf, sampled } = await samplesOf(dataset, args);
  const { benchmarks } = await filterContextOf(dataset.folder, dataset.settings.filters, log);
  const planned: PlannedProblems = { rows: [], left: [], sampled };
  let contaminated = 0;
  const reader = new ChainReader(dataset);
  try {
    for (const problem of dataset.index.problems()) {
      signal.throwIfAborted();
      const { id } = problem;
      const known = knownOf(id);
      let reason: LeftProblem['reason'] | undefined = whyNoProblem(known, choices);
      const isContaminated = reason === undefined && benchmarks?.find((await reader.problem(id)).problem) !== undefined;
      if (isContaminated) contaminated++;
      if (isContaminated && args.leaveOut?.includes('contaminated')) reason = 'warning';
      if (reason === undefined) planned.rows.push({ problem, known, isContaminated });
      else planned.left.push({ id, problem_id: id, reason });
    }
  } finally {
    await reader.close();
  }
  return { ...planned, contaminated };
}

/** Writes a row for each problem. @returns the problems without one, and the rounds of the pass rates. @throws VerbError if there is none */
export async function writeProblems(
  dataset: Dataset,
  { form, output, tally }: { form: ProblemForm; output: RowFiles; tally: Tally },
  args: VerbArgs<'export'>,
  context: VerbContext,
): Promise<Pick<PlannedProblems, 'left' | 'sampled'>> {
  const { rows, left, sampled } = await planProblems(dataset, args, context);
  if (rows.length === 0) throw noProblems(left.length);
  const report = reporter(context, rows.length, 'problems');
  const reader = new ChainReader(dataset);
  try {
    for (const [
      at,
      {
        problem: { id },
        known,
        isContaminated,
      },
    ] of rows.entries()) {
      report(at);
      const problem = await reader.problem(id);
      await output.add(form.rows({ problem, ...known }, at));
      tally.addProblem(problem, isContaminated);
    }
  } finally {
    await reader.close();
  }
  report(rows.length);
  return { left, sampled };
}

/** Rounds of the model that is sampled; none without a model. */
async function sampledRounds(dataset: Dataset): Promise<string[]> {
  const { settings } = dataset;
  if (!settings.model && !settings.fineTuned) return [];
  return (await roundsOf(dataset, sampledModel(dataset).model)).map(({ round }) => round);
}

/** Many problems have the same tally, and an interval is slow. */
function cachedRates(): (tally: Samples) => PassRate {
  const rates = new Map<string, PassRate>();
  return ({ attempts, successes }) => {
    const key = `${attempts} ${successes}`;
    const rate = rates.get(key) ?? passRate(attempts, successes);
    rates.set(key, rate);
    return rate;
  };
}
