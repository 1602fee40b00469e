import { bandOf } from '../../core/export/forms/index.ts';
import {
  type KnownProblem,
  type ProblemChoices,
  type ProblemForm,
  type Tally,
  whyNoProblem,
} from '../../core/export/index.ts';
import { emptyTally, type PassRate, passRate, type Tally as Samples } from '../../core/sampling/index.ts';
import { sampledModel } from '../../runner/sampling/plan-sampling.ts';
import { roundsOf } from '../../runner/sampling/tallies.ts';
import { ChainReader } from '../../store/chain-reader.ts';
import type { Dataset } from '../../store/index.ts';
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

/** Writes a row for each problem. @returns the problems without one, and the rounds of the pass rates. @throws VerbError if there is none */
export async function writeProblems(
  dataset: Dataset,
  { form, output, tally }: { form: ProblemForm; output: RowFiles; tally: Tally },
  args: VerbArgs<'export'>,
  context: VerbContext,
): Promise<{ left: LeftProblem[]; sampled: readonly string[] }> {
  const { index } = dataset;
  const choices = problemChoices(args);
  const sampled = args.rounds ?? (await sampledRounds(dataset));
  const samples = index.tallies(sampled);
  const rateOf = cachedRates();
  const ids = index.problems().map(({ id }) => id);
  const report = reporter(context, ids.length, 'problems');
  const reader = new ChainReader(dataset);
  const left: LeftProblem[] = [];
  let rows = 0;
  try {
    for (const [done, id] of ids.entries()) {
      report(done);
      const own = samples.get(id) ?? emptyTally(id);
      const known: KnownProblem = {
        problem: await reader.problem(id),
        tally: own,
        rate: rateOf(own),
        suspect: index.suspectGold(id) !== undefined,
      };
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
    `None of the ${ids.length} problems can be exported.`,
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
