import {
  channelGradients,
  channelSums,
  marginals,
  type Potentials,
  potentials,
  type WeightTable,
} from '../../src/core/behaviours/chain.ts';
import { FEATURE_NAMES, type FeatureRows } from '../../src/core/behaviours/features.ts';
import { CHANNELS } from '../../src/core/behaviours/weights.ts';
import { minimise } from './minimise.ts';

/** A labelled run of sentences, `from` (inclusive) to `to` (exclusive), and what each pass says of every sentence of it: 1 in the act, 0 not. */
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
  /** Of what stands further away. */
  far: number;
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
    const strength = i < WIDTH ? BIAS_PENALTY : penalty[REACH[i % WIDTH] ?? 'far'];
    loss += (strength / 2) * value * value;
    gradient[i] = (gradient[i] ?? 0) + strength * value;
  }
  return [loss, gradient];
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
  const byChannel = channelGradients(slope);
  const lanes = CHANNELS.map((channel) => byChannel[channel]);
  for (let i = 0; i < rows.count; i += 1) {
    const end = rows.starts[i + 1] ?? 0;
    for (let j = rows.starts[i] ?? 0; j < end; j += 1) {
      const base = (rows.ids[j] ?? 0) * WIDTH;
      const amount = (rows.values[j] ?? 0) * weight;
      for (let c = 0; c < WIDTH; c += 1) gradient[base + c] = (gradient[base + c] ?? 0) + amount * (lanes[c]?.[i] ?? 0);
    }
  }
  return loss * weight;
}
