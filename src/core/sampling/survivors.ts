import { lnBeta, normalCumulative } from '../maths/special.ts';
import { plural } from '../text/format.ts';
import type { Beta } from './posterior.ts';

/** From this variance on the normal approximation is used; its error is below 1 %. */
const NORMAL_FROM = 100;

/** The number of problems with the same belief. */
export interface BeliefGroup {
  belief: Beta;
  problems: number;
}

/**
 * The survivor rule of the cascade in expectation: a stage is entered only if at least `need` problems would enter it. Returns for every
 * group and every stage end but the last the chance that a problem without a success there continues.
 * @param ends Cumulative ends of the stages.
 */
export function survivorGates(groups: readonly BeliefGroup[], ends: readonly number[], need: number): number[][] {
  const gates = groups.map((): number[] => []);
  const before = groups.map(() => 1);
  for (const end of ends.slice(0, -1)) {
    const survive = groups.map(({ belief: { a, b } }) => Math.exp(lnBeta(a, b + end) - lnBeta(a, b)));
    groups.forEach((_, me) => {
      const others = groups.map(({ problems }, i) => ({
        problems: i === me ? problems - 1 : problems,
        chance: survive[i] ?? 0,
      }));
      const enough = chanceOfAtLeast(others, Math.ceil(need) - 1);
      const previous = before[me] ?? 1;
      gates[me]?.push(previous > 0 ? Math.min(1, enough / previous) : 0);
      before[me] = Math.min(previous, enough);
    });
  }
  return gates;
}

/** P(at least `least` heads) of independent coins. */
function chanceOfAtLeast(coins: readonly { problems: number; chance: number }[], least: number): number {
  if (least <= 0) return 1;
  const mean = coins.reduce((sum, { problems, chance }) => sum + problems * chance, 0);
  const variance = coins.reduce((sum, { problems, chance }) => sum + problems * chance * (1 - chance), 0);
  if (variance > NORMAL_FROM) return 1 - normalCumulative((least - 0.5 - mean) / Math.sqrt(variance));
  // Chances of 0 … least − 1 heads, coin by coin. The sum is close to its mean, so most cases return before.
  const far = 10 * Math.sqrt(variance) + 20;
  if (least < mean - far) return 1;
  if (least > mean + far) return 0;
  const heads = new Float64Array(least);
  heads[0] = 1;
  for (const { problems, chance } of coins) {
    for (let coin = 0; coin < problems; coin++) {
      for (let k = least - 1; k >= 0; k--) {
        heads[k] = (heads[k] ?? 0) * (1 - chance) + (k > 0 ? (heads[k - 1] ?? 0) * chance : 0);
      }
    }
  }
  return Math.max(0, 1 - heads.reduce((sum, share) => sum + share, 0));
}

/** The survivor rule in a running round. Decides as soon as enough survivors wait, or none can follow. */
export class SurvivorGate {
  readonly #need: number;
  readonly #stages: { end: number; arrived: number; undecided: number; waiting: string[] }[];
  /** Number of stage ends that each problem has reached. */
  readonly #passed = new Map<string, number>();

  constructor(ends: readonly number[], leastSurvivors: number, problems: number) {
    this.#need = leastSurvivors * problems;
    this.#stages = ends.slice(0, -1).map((end) => ({ end, arrived: 0, undecided: problems, waiting: [] }));
  }

  /** Records a problem without a success at the end of a stage other than the last. */
  arrive(problemId: string, end: number): void {
    const index = this.#stages.findIndex((stage) => stage.end === end);
    const stage = this.#stages[index];
    if (!stage) throw new RangeError(`no stage ends after ${plural(end, 'sample')}`);
    stage.arrived += 1;
    stage.undecided -= 1;
    stage.waiting.push(problemId);
    this.#passed.set(problemId, index + 1);
  }

  /** Records that a problem reaches no further stage end: solved, failed or excluded. */
  leave(problemId: string): void {
    for (const stage of this.#stages.slice(this.#passed.get(problemId) ?? 0)) stage.undecided -= 1;
    this.#passed.set(problemId, this.#stages.length);
  }

  /** The waiting problems whose continuation can be decided; each is returned once. */
  decide(): { problemId: string; continues: boolean }[] {
    return this.#stages.flatMap((stage) => {
      const continues = stage.arrived >= this.#need;
      if (stage.waiting.length === 0 || (!continues && stage.undecided > 0)) return [];
      return stage.waiting.splice(0).map((problemId) => ({ problemId, continues }));
    });
  }
}
