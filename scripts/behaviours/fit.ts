import {
  type ChannelSums,
  channelGradients,
  channelSums,
  marginals,
  type Potentials,
  potentials,
  type WeightTable,
} from '../../src/core/behaviours/chain.ts';
import { FEATURE_NAMES, type FeatureRows, WIDE_FEATURES } from '../../src/core/behaviours/features.ts';
import { CHANNELS } from '../../src/core/behaviours/weights.ts';
import { minimise } from './minimise.ts';

/** A labelled run of sentences, `from` (inclusive) to `to` (exclusive), and the label of each pass for every sentence of it: 1 for the kind, 0 if not. */
export interface Example {
  rows: FeatureRows;
  from: number;
  to: number;
  passes: readonly Uint8Array[];
  weight: number;
}

const WIDTH = CHANNELS.length;
const REACH = CHANNELS.map((channel): keyof Penalty =>
  channel === 'now' ? 'own' : channel === 'past' || channel === 'future' ? 'far' : 'neighbours',
);
/** Feature 0 is the bias of every channel: it is hardly penalised. */
const BIAS_PENALTY = 0.01;

/** What a weight costs: half of this times its square. Found by leaving one model out. */
export interface Penalty {
  /** Of the sentence itself. */
  own: number;
  /** Of the sentences right before and after it, and of going on and ending. */
  neighbours: number;
  /** Of sentences further away. */
  far: number;
  /** Of a phrase of the sentence itself. */
  phrases: number;
}

/**
 * Weights of a linear chain by maximum likelihood with an L2 penalty. The likelihood of a run is the mean over its passes, so a disputed
 * sentence pulls half each way. Deterministic.
 */
export function fitWeights(examples: readonly Example[], penalty: Penalty, steps = 80): WeightTable {
  const start = new Float64Array(WIDTH * FEATURE_NAMES.length);
  return minimise((at) => lossAndGradient(examples, at, penalty), start, steps);
}

/** Probability of the act for each sentence of the run. */
export function predict(weights: WeightTable, { rows, from, to }: Pick<Example, 'rows' | 'from' | 'to'>): Float64Array {
  return marginals(potentials(channelSums(rows, weights)), from, to).on.slice(from, to);
}

function lossAndGradient(examples: readonly Example[], at: Float64Array, penalty: Penalty): [number, Float64Array] {
  const gradient = new Float64Array(at.length);
  let loss = 0;
  for (const example of examples) loss += exampleLoss(example, at, gradient);
  for (let i = 0; i < at.length; i += 1) {
    const value = at[i] ?? 0;
    const strength = strengthAt(i, penalty);
    if (strength === undefined) {
      gradient[i] = 0;
      continue;
    }
    loss += (strength / 2) * value * value;
    gradient[i] = (gradient[i] ?? 0) + strength * value;
  }
  return [loss, gradient];
}

/** What the weight at a place of the table costs; undefined where there is none, since phrases have weights for their own sentence alone. */
function strengthAt(place: number, penalty: Penalty): number | undefined {
  if (place < WIDTH) return BIAS_PENALTY;
  if (place < WIDE_FEATURES * WIDTH) return penalty[REACH[place % WIDTH] ?? 'far'];
  return place % WIDTH === 0 ? penalty.phrases : undefined;
}

function exampleLoss(
  { rows, from, to, passes, weight }: Example,
  weights: WeightTable,
  gradient: Float64Array,
): number {
  const potential = potentials(channelSums(rows, weights));
  const on = marginals(potential, from, to);
  const slope: Potentials = { emission: on.on, stay: on.stay, close: on.close };
  let loss = on.logPartition;
  for (const pass of passes) {
    const share = 1 / passes.length;
    for (let k = 0; k < to - from; k += 1) {
      const i = from + k;
      const state = pass[k] ?? 0;
      const before = k > 0 ? (pass[k - 1] ?? 0) : 0;
      if (state === 1) {
        loss -= share * (potential.emission[i] ?? 0);
        slope.emission[i] = (slope.emission[i] ?? 0) - share;
      }
      if (before === 0) continue;
      const edge = state === 1 ? 'stay' : 'close';
      loss -= share * (potential[edge][i] ?? 0);
      slope[edge][i] = (slope[edge][i] ?? 0) - share;
    }
  }
  addGradient(rows, channelGradients(slope), weight, gradient);
  return loss * weight;
}

/** Adds what a change of each weight means for the loss. Seven lanes in plain variables: this is where training spends its time. */
function addGradient(
  { count, starts, ids, values }: FeatureRows,
  { now, before, after, past, future, stay, close }: ChannelSums,
  weight: number,
  gradient: Float64Array,
): void {
  const add = (at: number, amount: number): void => {
    gradient[at] = (gradient[at] ?? 0) + amount;
  };
  for (let i = 0; i < count; i += 1) {
    const [a, b, c] = [now[i] ?? 0, before[i] ?? 0, after[i] ?? 0];
    const [d, e, f, g] = [past[i] ?? 0, future[i] ?? 0, stay[i] ?? 0, close[i] ?? 0];
    const end = starts[i + 1] ?? 0;
    for (let j = starts[i] ?? 0; j < end; j += 1) {
      const base = (ids[j] ?? 0) * WIDTH;
      const amount = (values[j] ?? 0) * weight;
      add(base, amount * a);
      add(base + 1, amount * b);
      add(base + 2, amount * c);
      add(base + 3, amount * d);
      add(base + 4, amount * e);
      add(base + 5, amount * f);
      add(base + 6, amount * g);
    }
  }
}
