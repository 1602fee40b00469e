import { PHASES } from '../schemas/index.ts';
import { FEATURE_NAMES, type FeatureRows, WIDE_FEATURES } from './features.ts';

/** Number of phases. */
const P = PHASES.length;
/** A wide feature has a weight for each phase of its own sentence, of the sentence after it and of the sentence before it. */
const WIDE = 3 * P;
const FIRST_PHRASE = WIDE_FEATURES * WIDE;
/** Where the weights of the steps from one phase to the next start: a row for each phase before. */
const STEPS_AT = FIRST_PHRASE + (FEATURE_NAMES.length - WIDE_FEATURES) * P;

/**
 * Weights of a linear chain over the eight phases in one array. Wide feature `id`: 24 from `id · 24`, for the sentence itself, then for the
 * next and for the previous one. Phrases: 8 each after them. Then 8 × 8 of the steps between phases.
 */
export type PhaseTable = Float64Array | Float32Array;
export const PHASE_WEIGHTS = STEPS_AT + P * P;

/** Log-potentials of each sentence and phase: sentence `i` and phase `p` are at `i · 8 + p`. The first features of a sentence, its phases, are skipped. */
export function phaseEmissions(rows: FeatureRows, table: PhaseTable): Float64Array {
  const { count, starts, ids } = rows;
  const emission = new Float64Array(count * P);
  for (let i = 0; i < count; i += 1) {
    const from = (starts[i] ?? 0) + P;
    const end = starts[i + 1] ?? 0;
    let phrases = from;
    while (phrases < end && (ids[phrases] ?? 0) < WIDE_FEATURES) phrases += 1;
    addSums(rows, table, { from, phrases, end, lane: 0 }, emission, i * P);
    if (i + 1 < count) addSums(rows, table, { from, phrases, end: phrases, lane: P }, emission, (i + 1) * P);
    if (i > 0) addSums(rows, table, { from, phrases, end: phrases, lane: 2 * P }, emission, (i - 1) * P);
  }
  return emission;
}

/** Adds eight weighted sums of the features from `from` to `end`, of which phrases begin at `phrases`. `lane`: the first weight of a wide feature. */
function addSums(
  { ids, values }: FeatureRows,
  table: PhaseTable,
  { from, phrases, end, lane }: { from: number; phrases: number; end: number; lane: number },
  into: Float64Array,
  at: number,
): void {
  // Eight plain variables, as in chain.ts: a loop over the phases takes half as long again.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  for (let j = from; j < end; j += 1) {
    const id = ids[j] ?? 0;
    const value = values[j] ?? 0;
    const place = j < phrases ? id * WIDE + lane : FIRST_PHRASE + (id - WIDE_FEATURES) * P;
    a += (table[place] ?? 0) * value;
    b += (table[place + 1] ?? 0) * value;
    c += (table[place + 2] ?? 0) * value;
    d += (table[place + 3] ?? 0) * value;
    e += (table[place + 4] ?? 0) * value;
    f += (table[place + 5] ?? 0) * value;
    g += (table[place + 6] ?? 0) * value;
    h += (table[place + 7] ?? 0) * value;
  }
  into[at] = (into[at] ?? 0) + a;
  into[at + 1] = (into[at + 1] ?? 0) + b;
  into[at + 2] = (into[at + 2] ?? 0) + c;
  into[at + 3] = (into[at + 3] ?? 0) + d;
  into[at + 4] = (into[at + 4] ?? 0) + e;
  into[at + 5] = (into[at + 5] ?? 0) + f;
  into[at + 6] = (into[at + 6] ?? 0) + g;
  into[at + 7] = (into[at + 7] ?? 0) + h;
}

/** The adjoint of `phaseEmissions`: adds what a change of each weight means, times `scale`. For training. */
export function addPhaseGradient(
  { count, starts, ids, values }: FeatureRows,
  slope: Float64Array,
  scale: number,
  into: Float64Array,
): void {
  const around = new Float64Array(WIDE);
  for (let i = 0; i < count; i += 1) {
    for (let p = 0; p < P; p += 1) {
      const at = i * P + p;
      around[p] = (slope[at] ?? 0) * scale;
      around[P + p] = i + 1 < count ? (slope[at + P] ?? 0) * scale : 0;
      around[2 * P + p] = i > 0 ? (slope[at - P] ?? 0) * scale : 0;
    }
    const end = starts[i + 1] ?? 0;
    for (let j = (starts[i] ?? 0) + P; j < end; j += 1) {
      const id = ids[j] ?? 0;
      const value = values[j] ?? 0;
      const wide = id < WIDE_FEATURES;
      const at = wide ? id * WIDE : FIRST_PHRASE + (id - WIDE_FEATURES) * P;
      for (let p = 0; p < (wide ? WIDE : P); p += 1) into[at + p] = (into[at + p] ?? 0) + (around[p] ?? 0) * value;
    }
  }
}

export interface PhaseMarginals {
  /** Probability of each sentence and phase, placed like the emissions. */
  on: Float64Array;
  /** Expected number of each step, 8 × 8; empty unless asked for. */
  steps: Float64Array;
  /** Logarithm of the sum over all paths. */
  logPartition: number;
}

/** How probable each step from one phase to the next is, 8 × 8, but for a factor. */
export function phaseSteps(table: PhaseTable): Float64Array {
  return Float64Array.from({ length: P * P }, (_, k) => Math.exp(table[STEPS_AT + k] ?? 0));
}

/**
 * Forward-backward pass with scaled probabilities (Rabiner 1989).
 * @param move phaseSteps of the table. `steps`: also the expected steps, which only training needs.
 */
export function phaseMarginals(emission: Float64Array, move: Float64Array, { steps = false } = {}): PhaseMarginals {
  const count = emission.length / P;
  const local = new Float64Array(count * P);
  const on = new Float64Array(count * P);
  const scales = new Float64Array(count);
  let logPartition = 0;
  for (let i = 0; i < count; i += 1) {
    let most = Number.NEGATIVE_INFINITY;
    for (let p = 0; p < P; p += 1) most = Math.max(most, emission[i * P + p] ?? 0);
    let total = 0;
    for (let p = 0; p < P; p += 1) {
      const e = Math.exp((emission[i * P + p] ?? 0) - most);
      local[i * P + p] = e;
      let reach = 1;
      if (i > 0) {
        reach = 0;
        for (let q = 0; q < P; q += 1) reach += (on[(i - 1) * P + q] ?? 0) * (move[q * P + p] ?? 0);
      }
      on[i * P + p] = reach * e;
      total += reach * e;
    }
    for (let p = 0; p < P; p += 1) on[i * P + p] = (on[i * P + p] ?? 0) / total;
    scales[i] = total;
    logPartition += most + Math.log(total);
  }
  return { on, steps: backward(on, local, scales, move, steps), logPartition };
}

/** Turns the forward probabilities `on` into marginals, in place; returns the expected steps. */
function backward(
  on: Float64Array,
  local: Float64Array,
  scales: Float64Array,
  move: Float64Array,
  wanted: boolean,
): Float64Array {
  const count = scales.length;
  const steps = new Float64Array(wanted ? P * P : 0);
  let after = new Float64Array(P).fill(1);
  let before = new Float64Array(P);
  for (let i = count - 1; i >= 0; i -= 1) {
    if (i > 0) {
      for (let q = 0; q < P; q += 1) {
        let sum = 0;
        for (let p = 0; p < P; p += 1) {
          const onward = ((move[q * P + p] ?? 0) * (local[i * P + p] ?? 0) * (after[p] ?? 0)) / (scales[i] ?? 1);
          sum += onward;
          if (wanted) steps[q * P + p] = (steps[q * P + p] ?? 0) + (on[(i - 1) * P + q] ?? 0) * onward;
        }
        before[q] = sum;
      }
    }
    for (let p = 0; p < P; p += 1) on[i * P + p] = (on[i * P + p] ?? 0) * (after[p] ?? 0);
    [after, before] = [before, after];
  }
  return steps;
}
