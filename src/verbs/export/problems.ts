import { bandOf } from '../../core/export/forms/index.ts';
import {
  type KnownProblem,
  type ProblemChoices,
  type ProblemForm,
  type Tally,
  whyNoProblem,
} from '../../core/export/index.ts';
import { emptyTally, type PassRate, passRate, type Tally as Samples } from '../../core/sampling/index.ts';
import { plural } from '../../core/text/format.ts';
import { sampledModel } from '../../runner/sampling/plan-sampling.ts';
import { roundsOf } from '../../runner/sampling/tallies.ts';
import { ChainReader } from '../../store/chain-reader.ts';
import type { Dataset, ProblemRow } from '../../store/index.ts';
import { plainName } from '../../store/names.ts';
import { type VerbContext, VerbError } from '../context.ts';
import type { VerbArgs } from '../index.ts';
import type { RowFiles } from './files.ts';
import { reporter } from './progress.ts';

/** A line of `left-out.jsonl`. */
export interface LeftProblem {
  id: string;
  problem_id: string;
  reason: 'suspect-gold' | 'pass-rate';
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

/** Which problems would have a row, and why the others have none. No text is read. */
export async function planProblems(
  dataset: Dataset,
  args: VerbArgs<'export'>,
): Promise<{ rows: ProblemRow[]; left: LeftProblem[] }> {
  const choices = problemChoices(args);
  const { known } = await samplesOf(dataset, args);
  const rows: ProblemRow[] = [];
  const left: LeftProblem[] = [];
  for (const problem of dataset.index.problems()) {
    const reason = whyNoProblem(known(problem.id), choices);
    if (reason === undefined) rows.push(problem);
    else left.push({ id: problem.id, problem_id: problem.id, reason });
  }
  return { rows, left };
}

/** Writes a row for each problem. @returns the problems without one, and the rounds of the pass rates. @throws VerbError if there is none */
export async function writeProblems(
  dataset: Dataset,
  { form, output, tally }: { form: ProblemForm; output: RowFiles; tally: Tally },
  args: VerbArgs<'export'>,
  context: VerbContext,
): Promise<{ left: LeftProblem[]; sampled: readonly string[] }> {
  const choices = problemChoices(args);
  const { known: knownOf, sampled } = await samplesOf(dataset, args);
  const ids = dataset.index.problems().map(({ id }) => id);
  const report = reporter(context, ids.length, 'problems');
  const reader = new ChainReader(dataset);
  const left: LeftProblem[] = [];
  let rows = 0;
  try {
    for (const [done, id] of ids.entries()) {
      report(done);
      const known: KnownProblem = { problem: await reader.problem(id), ...knownOf(id) };
      const reason = whyNoProblem(known, choices);
      if (reason !== undefined) {
        left.push({ id, problem_id: id, reason });
        continue;
      }
      await output.add(form.rows(known, rows));
      tally.addProblem(known.problem);
      rows++;
    }
  } finally {
    await reader.close();
  }
  report(ids.length);
  if (rows > 0) return { left, sampled };
  if (ids.length === 0) throw new VerbError('The dataset has no problems.', 'Import some first.');
  throw new VerbError(
    `None of ${plural(ids.length, 'problem')} can be exported.`,
    'Sample them first, choose a wider --pass-rate, or export with --suspects.',
  );
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
