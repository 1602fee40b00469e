import {
  addTallies,
  countBuckets,
  emptyTally,
  type PassRate,
  passRate,
  type Tally,
} from '../../core/sampling/index.ts';
import type { ModelRef, ModelRole, RoundPlan } from '../../core/schemas/index.ts';
import type { ProblemDifficulty, RoundDifficulty } from '../../protocol/sampling.ts';
import type { Dataset } from '../../store/index.ts';
import { sampledModel } from './plan-sampling.ts';
import { roundsOf, talliesOf } from './tallies.ts';

export interface DifficultyReport {
  model: ModelRef;
  role: ModelRole;
  /** All problems of the dataset. */
  problems: ProblemDifficulty[];
  covered: number;
  rounds: RoundDifficulty[];
}

/** The difficulty of every problem for a model, and the changes by each of its rounds. @throws UserError `round` without a model */
export async function difficultyOf(dataset: Dataset, chosen: ModelRole | undefined): Promise<DifficultyReport> {
  const { model, role } = sampledModel(dataset, chosen);
  const { edges } = dataset.settings.sampling;
  const ids = dataset.index.problems().map(({ id }) => id);
  const standing = new Map(ids.map((id) => [id, emptyTally(id)]));
  const rounds: RoundDifficulty[] = [];
  for (const plan of await roundsOf(dataset, model)) {
    const [before, covered] = [countBuckets(edges, standing.values()), coveredBy(standing)];
    const tallies = talliesOf(dataset, [plan]);
    for (const [id, tally] of tallies) {
      const earlier = standing.get(id);
      if (earlier) standing.set(id, addTallies(earlier, tally));
    }
    rounds.push({
      ...ofRound(plan, tallies),
      covered: { before: covered, after: coveredBy(standing) },
      before,
      after: countBuckets(edges, standing.values()),
    });
  }
  const rates = new Map<string, PassRate>();
  const problems = [...standing.values()].map((tally) => ofProblem(tally, rates));
  return { model, role, problems, covered: coveredBy(standing), rounds };
}

function ofRound(
  { round, kind, problemIds }: RoundPlan,
  tallies: ReadonlyMap<string, Tally>,
): Pick<RoundDifficulty, 'round' | 'kind' | 'problems' | 'samples' | 'correct'> {
  const all = [...tallies.values()];
  return {
    round,
    kind,
    problems: problemIds.length,
    samples: all.reduce((sum, { attempts, ungraded }) => sum + attempts + ungraded, 0),
    correct: all.reduce((sum, { successes }) => sum + successes, 0),
  };
}

/** Cached, since many problems have the same tally and an interval is slow. */
function ofProblem(
  { problemId, attempts, successes, ungraded, truncated }: Tally,
  rates: Map<string, PassRate>,
): ProblemDifficulty {
  const key = `${attempts} ${successes}`;
  const rate = rates.get(key) ?? passRate(attempts, successes);
  rates.set(key, rate);
  return { problemId, ...rate, ungraded, truncated };
}

function coveredBy(tallies: ReadonlyMap<string, Tally>): number {
  return [...tallies.values()].filter(({ successes }) => successes > 0).length;
}
