import { lnBeta, normalCumulative } from '../maths/special.ts';
import type { Beta } from './posterior.ts';

/** Above this variance the normal distribution stands in for the sum of coins: then it is off by less than 1 %. */
const NORMAL_FROM = 100;

/** Problems alike: what is believed of each, and how many there are. */
export interface BeliefGroup {
  belief: Beta;
  problems: number;
}

/**
 * The survivor rule of the cascade, in expectation: a stage is entered only when at least `need` problems would enter it. Survivors
 * only get fewer, so that a stage is entered exactly when that many survive up to it.
 *
 * In: independent beliefs, and the cumulative ends of the stages. Out: for every group and every stage end but the last, the chance that a
 * problem of the group which stands there without a success goes on.
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
  // Chances of 0 … least − 1 heads, coin by coin. The sum is never far from its mean, so most cases need no sum at all.
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

/** The survivor rule while a round runs. It is decided as soon as it can be: enough survivors wait, or nobody else can come. */
export class SurvivorGate {
  readonly #need: number;
  readonly #stages: { end: number; arrived: number; undecided: number; waiting: string[] }[];
  /** How many stage ends each problem has arrived at. */
  readonly #passed = new Map<string, number>();

  constructor(ends: readonly number[], leastSurvivors: number, problems: number) {
    this.#need = leastSurvivors * problems;
    this.#stages = ends.slice(0, -1).map((end) => ({ end, arrived: 0, undecided: problems, waiting: [] }));
  }

  /** A problem without a success stands at the end of a stage that isn't the last. */
  arrive(problemId: string, end: number): void {
    const index = this.#stages.findIndex((stage) => stage.end === end);
    const stage = this.#stages[index];
    if (!stage) throw new RangeError(`no stage ends after ${end} samples`);
    stage.arrived += 1;
    stage.undecided -= 1;
    stage.waiting.push(problemId);
    this.#passed.set(problemId, index + 1);
  }

  /** A problem will come to no further stage end: solved, given up, or not let in. */
  leave(problemId: string): void {
    for (const stage of this.#stages.slice(this.#passed.get(problemId) ?? 0)) stage.undecided -= 1;
    this.#passed.set(problemId, this.#stages.length);
  }

  /** Those who wait and can be told whether they go on; each is told once. */
  decide(): { problemId: string; goesOn: boolean }[] {
    return this.#stages.flatMap((stage) => {
      const goesOn = stage.arrived >= this.#need;
      if (stage.waiting.length === 0 || (!goesOn && stage.undecided > 0)) return [];
      return stage.waiting.splice(0).map((problemId) => ({ problemId, goesOn }));
    });
  }
}
