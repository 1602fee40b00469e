/**
 * Finds the step of a chain after which its success collapses, from continuations at a few places.
 *
 * The value of a place is the chance that a continuation from there ends right (Math-Shepherd, arXiv 2312.08935). Where OmegaPRM (arXiv 2406.06592) bisects on whether any
 * continuation is right, this search keeps a posterior: before the first wrong step w the value is p, from it on q < p; w, p and q are unknown. The next place is the one whose
 * outcome says most about w (probabilistic bisection, Horstein 1963, with unknown noise).
 */

/** Outcomes of continuations after the first `kept` steps. */
export interface StepTally {
  /** 0 to the number of steps. */
  kept: number;
  right: number;
  wrong: number;
}

export interface StepSearchSettings {
  /** Continuations of one request for more, at one place. */
  batch: number;
  /** Most continuations in all, without those known before. */
  budget: number;
  /** The search ends when the first wrong step is known to within one step with this probability, 0 to 1. */
  certainty: number;
}

/** What is known about the first wrong step. */
export interface StepPosterior {
  /** `chances[i]`: the probability that step i + 1 is the first wrong one; the last entry: that none is. They sum to 1. */
  chances: readonly number[];
  /** The likeliest first wrong step, from 1; undefined where it is likelier that none is wrong. */
  step: number | undefined;
  /** Whether success collapses after `step`: the value falls by more than LEAST_DROP, and a continuation from before the step ended right. */
  collapses: boolean;
  /** Probability that the first wrong step is `step` or a neighbour of it. */
  within: number;
  /** Expected values before the first wrong step and after it, 0 to 1. */
  before: number;
  after: number;
}

const GRID = 16;
/** Middles of equal parts of 0 to 1. */
const RATES = Array.from({ length: GRID }, (_, i) => (i + 0.5) / GRID);
/** A chain that is wrong is rarely saved: the prior of the value after the first wrong step is Beta(1, 4). */
const priorAfter = (q: number): number => (1 - q) ** 3;
/** Values before the first wrong step and after it that differ less are no collapse. */
const LEAST_DROP = 0.1;
/** Bits about the step below which a continuation is not worth its cost: the model solves the problem too rarely. */
const WORTH_BITS = 0.01;

/** A search over the steps of one chain. */
export class StepSearch {
  readonly #steps: number;
  readonly #settings: StepSearchSettings;
  readonly #right: Float64Array;
  readonly #wrong: Float64Array;
  readonly #passing = new Map<number, StepTally>();
  #asked = 0;

  /**
   * @param steps number of steps of the chain, at least 1
   * @param known outcomes that are paid already, such as the samples of the problem (`kept: 0`) and the chain's own end (`kept: steps`)
   */
  constructor(steps: number, known: readonly StepTally[], settings: StepSearchSettings) {
    this.#steps = steps;
    this.#settings = settings;
    this.#right = new Float64Array(steps + 1);
    this.#wrong = new Float64Array(steps + 1);
    for (const tally of known) this.#add(tally);
  }

  /** Outcomes of continuations that `next` asked for. */
  add(tally: StepTally): void {
    this.#asked += tally.right + tally.wrong;
    this.#add(tally);
  }

  /** Outcomes that are paid already, as those of the constructor. */
  addKnown(tally: StepTally): void {
    this.#add(tally);
  }

  /** Continuations that `next` asked for, and that show nothing: they count towards the budget. */
  skip(samples: number): void {
    this.#asked += samples;
  }

  /**
   * Outcomes of samples that `add` or `known` has at another place: they had the steps of this place too. They are listed here, but the first wrong step
   * is estimated from each sample once, at that other place.
   */
  addPassing({ kept, right, wrong }: StepTally): void {
    const before = this.#passing.get(kept) ?? { right: 0, wrong: 0 };
    this.#passing.set(kept, { kept, right: before.right + right, wrong: before.wrong + wrong });
  }

  #add({ kept, right, wrong }: StepTally): void {
    if (kept < 0 || kept > this.#steps)
      throw new RangeError(`The number of kept steps, ${kept}, is not from 0 to ${this.#steps}.`);
    this.#right[kept] = (this.#right[kept] ?? 0) + right;
    this.#wrong[kept] = (this.#wrong[kept] ?? 0) + wrong;
  }

  /** Number of outcomes so far after `kept` steps, known ones included. */
  outcomes(kept: number): number {
    const { right, wrong } = this.#tally(kept);
    return right + wrong;
  }

  /** All outcomes so far, known ones included, at the places that have any. */
  get tallies(): StepTally[] {
    return Array.from(this.#right, (_, kept) => this.#tally(kept)).filter(({ right, wrong }) => right + wrong > 0);
  }

  #tally(kept: number): StepTally {
    const { right = 0, wrong = 0 } = this.#passing.get(kept) ?? {};
    return { kept, right: right + (this.#right[kept] ?? 0), wrong: wrong + (this.#wrong[kept] ?? 0) };
  }

  /** Where to continue next and how often; undefined when the step is known well enough, or the budget is spent. */
  next(): { kept: number; samples: number } | undefined {
    const left = this.#settings.budget - this.#asked;
    if (left <= 0) return undefined;
    const { joint, posterior } = this.#weigh();
    const isKnown = posterior.within >= this.#settings.certainty && posterior.before - posterior.after > LEAST_DROP;
    const { kept, bits } = this.#mostTelling(joint);
    return isKnown || bits < WORTH_BITS ? undefined : { kept, samples: Math.min(left, this.#settings.batch) };
  }

  get posterior(): StepPosterior {
    return this.#weigh().posterior;
  }

  /** The place whose next outcome has the most mutual information with the first wrong step. The end of the chain has no continuation. */
  #mostTelling(joint: Joint): { kept: number; bits: number } {
    let best = { kept: 0, bits: -1 };
    // Step i + 1 is wrong: the kept steps have it, if there are more than i. With no step kept, none has it.
    let right = joint.reduce((sum, { chance, before }) => sum + chance * before, 0);
    let noise = joint.reduce((sum, { chance, before }) => sum + chance * entropy(before), 0);
    for (const [kept, { chance, before, after }] of joint.slice(0, this.#steps).entries()) {
      const bits = entropy(right) - noise;
      if (bits > best.bits + 1e-12) best = { kept, bits };
      right += chance * (after - before);
      noise += chance * (entropy(after) - entropy(before));
    }
    return best;
  }

  #weigh(): { joint: Joint; posterior: StepPosterior } {
    const places = this.#steps + 1;
    const weights = new Float64Array(places);
    const before = new Float64Array(places);
    const after = new Float64Array(places);
    let most = Number.NEGATIVE_INFINITY;
    this.#eachCase((log) => {
      most = Math.max(most, log);
    });
    let total = 0;
    this.#eachCase((log, p, q, w) => {
      const weight = Math.exp(log - most);
      total += weight;
      weights[w] = (weights[w] ?? 0) + weight;
      before[w] = (before[w] ?? 0) + weight * p;
      after[w] = (after[w] ?? 0) + weight * q;
    });
    const joint = Array.from(weights, (weight, w) => ({
      chance: weight / total,
      before: (before[w] ?? 0) / Math.max(weight, Number.MIN_VALUE),
      after: (after[w] ?? 0) / Math.max(weight, Number.MIN_VALUE),
    }));
    return { joint, posterior: this.#posterior(joint) };
  }

  /** Visits each first wrong step w, from 0, with the values p of the places 0 to w and q of later ones. `log` is the logarithm of prior and likelihood. */
  #eachCase(visit: (log: number, p: number, q: number, w: number) => void): void {
    const sum = (of: Float64Array): number => of.reduce((all, one) => all + one, 0);
    const [rights, wrongs] = [sum(this.#right), sum(this.#wrong)];
    for (const p of RATES) {
      for (const q of RATES) {
        if (q >= p) continue;
        let log = Math.log(priorAfter(q)) + rights * Math.log(q) + wrongs * Math.log(1 - q);
        const ofRight = Math.log(p) - Math.log(q);
        const ofWrong = Math.log(1 - p) - Math.log(1 - q);
        for (let w = 0; w <= this.#steps; w++) {
          log += (this.#right[w] ?? 0) * ofRight + (this.#wrong[w] ?? 0) * ofWrong;
          visit(log, p, q, w);
        }
      }
    }
  }

  #posterior(joint: Joint): StepPosterior {
    const chances = joint.map(({ chance }) => chance);
    const likeliest = chances.reduce((best, chance, w) => (chance > (chances[best] ?? 0) ? w : best), 0);
    const sum = (of: 'before' | 'after'): number => joint.reduce((total, one) => total + one.chance * one[of], 0);
    const near = chances.filter((_, i) => Math.abs(i - likeliest) <= 1);
    const [before, after] = [sum('before'), sum('after')];
    // Without a right one, a problem that the model never solves would be a collapse after the first step.
    const isSolved = this.#right.slice(0, likeliest + 1).some((right) => right > 0);
    return {
      chances,
      step: likeliest === joint.length - 1 ? undefined : likeliest + 1,
      collapses: isSolved && before - after > LEAST_DROP,
      within: near.reduce((total, chance) => total + chance, 0),
      ...{ before, after },
    };
  }
}

type Joint = readonly { chance: number; before: number; after: number }[];

/** Of a yes with this chance, in bits. */
function entropy(chance: number): number {
  if (chance <= 0 || chance >= 1) return 0;
  return -chance * Math.log2(chance) - (1 - chance) * Math.log2(1 - chance);
}
