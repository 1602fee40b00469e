import { type FeatureRows, WIDE_FEATURES } from './features.ts';
import { CHANNELS, type Channel } from './weights.ts';

/** Factor by which the weight of a sentence decreases with its distance, in the channels `past` and `future`. */
const FADE = 0.75;

export type ChannelSums = Record<Channel, Float64Array>;

/** Log-potentials of each sentence: of being in the act, of continuing it, of ending it. */
export interface Potentials {
  emission: Float64Array;
  stay: Float64Array;
  close: Float64Array;
}

/** Probability for each sentence of being in the act, of having been in it before, and of having left it there. */
export interface Marginals {
  on: Float64Array;
  stay: Float64Array;
  close: Float64Array;
  /** Logarithm of the sum over all paths. */
  logPartition: number;
}

const WIDTH = CHANNELS.length;
const NOTHING = new Float64Array(0);

/** Weights of all channels in one table: feature `id` in channel `c` is at `id · 7 + c`, so that one pass serves all channels. */
export type WeightTable = Float64Array | Float32Array;

/** @param scale What the weights are divided by. */
export function weightTable(weights: Readonly<Record<Channel, ArrayLike<number>>>, scale = 1): WeightTable {
  const features = weights.now.length;
  // Half the size of training's numbers: the table is read in random order, and the cache is small.
  const table = new Float32Array(features * WIDTH);
  for (const [c, channel] of CHANNELS.entries()) {
    for (let id = 0; id < features; id += 1) table[id * WIDTH + c] = (weights[channel][id] ?? 0) / scale;
  }
  return table;
}

/** Weighted sums of the features of every sentence. */
export function channelSums({ count, starts, ids, values }: FeatureRows, table: WeightTable): ChannelSums {
  const sums = emptySums(count);
  const { now, before, after, past, future, stay, close } = sums;
  for (let i = 0, j = starts[0] ?? 0; i < count; i += 1) {
    // Seven plain variables, each assigned by itself: a loop over the channels, or `[a, b, …] = [0, 0, …]`, takes three times as long.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let e = 0;
    let f = 0;
    let g = 0;
    const end = starts[i + 1] ?? 0;
    for (let id = 0; j < end; j += 1) {
      id = ids[j] ?? 0;
      if (id >= WIDE_FEATURES) break;
      const at = id * WIDTH;
      const value = values[j] ?? 0;
      a += (table[at] ?? 0) * value;
      b += (table[at + 1] ?? 0) * value;
      c += (table[at + 2] ?? 0) * value;
      d += (table[at + 3] ?? 0) * value;
      e += (table[at + 4] ?? 0) * value;
      f += (table[at + 5] ?? 0) * value;
      g += (table[at + 6] ?? 0) * value;
    }
    // Phrase features come last and belong to the channel `now` only.
    for (; j < end; j += 1) a += (table[(ids[j] ?? 0) * WIDTH] ?? 0) * (values[j] ?? 0);
    now[i] = a;
    before[i] = b;
    after[i] = c;
    past[i] = d;
    future[i] = e;
    stay[i] = f;
    close[i] = g;
  }
  return sums;
}

function emptySums(count: number): ChannelSums {
  // Parts of one buffer: each buffer takes as long as a sentence.
  const all = new Float64Array(WIDTH * count);
  const part = (c: number): Float64Array => all.subarray(c * count, (c + 1) * count);
  return {
    now: part(0),
    before: part(1),
    after: part(2),
    past: part(3),
    future: part(4),
    stay: part(5),
    close: part(6),
  };
}

/** Combines the channels: the sums of the neighbours are shifted or faded to the sentence. */
export function potentials(sums: ChannelSums): Potentials {
  const count = sums.now.length;
  const emission = new Float64Array(count);
  for (let i = 0, past = 0; i < count; i += 1) {
    if (i > 0) past = FADE * past + (1 - FADE) * (sums.past[i - 1] ?? 0);
    emission[i] = (sums.now[i] ?? 0) + (i > 0 ? (sums.before[i - 1] ?? 0) : 0) + past;
  }
  for (let i = count - 1, future = 0; i >= 0; i -= 1) {
    if (i < count - 1) {
      future = FADE * future + (1 - FADE) * (sums.future[i + 1] ?? 0);
      emission[i] = (emission[i] ?? 0) + (sums.after[i + 1] ?? 0) + future;
    }
  }
  return { emission, stay: sums.stay, close: sums.close };
}

/** The adjoint of `potentials`: gradients of the channel sums from those of the potentials. For training. */
export function channelGradients(gradient: Potentials): ChannelSums {
  const count = gradient.emission.length;
  const of = gradient.emission;
  const before = new Float64Array(count);
  const after = new Float64Array(count);
  const past = new Float64Array(count);
  const future = new Float64Array(count);
  for (let i = count - 1, sum = 0; i >= 0; i -= 1) {
    before[i] = of[i + 1] ?? 0;
    past[i] = sum = (1 - FADE) * (of[i + 1] ?? 0) + FADE * sum;
  }
  for (let i = 0, sum = 0; i < count; i += 1) {
    after[i] = of[i - 1] ?? 0;
    future[i] = sum = (1 - FADE) * (of[i - 1] ?? 0) + FADE * sum;
  }
  return { now: of, before, after, past, future, stay: gradient.stay, close: gradient.close };
}

/**
 * Forward-backward pass over the chain from sentence `from` to `to`, starting outside the act. Without `edges`, `stay` and `close` are empty;
 * only training needs them.
 */
export function marginals(
  { emission, stay, close }: Potentials,
  from: number,
  to: number,
  { edges = true }: { edges?: boolean } = {},
): Marginals {
  const count = to - from;
  const onward = new Float64Array(count);
  // The forward pass carries log-weights of the paths inside and outside the act.
  let logPartition = 0;
  let off = 0;
  let on = Number.NEGATIVE_INFINITY;
  const offs = new Float64Array(count);
  for (let k = 0; k < count; k += 1) {
    const e = emission[from + k] ?? 0;
    const nextOn = e + logSum(off, on + (stay[from + k] ?? 0));
    const nextOff = logSum(off, on + (close[from + k] ?? 0));
    on = nextOn;
    off = nextOff;
    onward[k] = on;
    offs[k] = off;
  }
  logPartition = logSum(on, off);
  const result: Marginals = {
    on: new Float64Array(emission.length),
    stay: edges ? new Float64Array(emission.length) : NOTHING,
    close: edges ? new Float64Array(emission.length) : NOTHING,
    logPartition,
  };
  let backOn = 0;
  let backOff = 0;
  for (let k = count - 1; k >= 0; k -= 1) {
    const i = from + k;
    result.on[i] = Math.exp((onward[k] ?? 0) + backOn - logPartition);
    const e = emission[i] ?? 0;
    if (edges && k > 0) {
      const before = onward[k - 1] ?? 0;
      result.stay[i] = Math.exp(before + (stay[i] ?? 0) + e + backOn - logPartition);
      result.close[i] = Math.exp(before + (close[i] ?? 0) + backOff - logPartition);
    }
    const nextOn = logSum((stay[i] ?? 0) + e + backOn, (close[i] ?? 0) + backOff);
    const nextOff = logSum(e + backOn, backOff);
    backOn = nextOn;
    backOff = nextOff;
  }
  return result;
}

function logSum(a: number, b: number): number {
  if (a === b) return a + Math.LN2;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}
