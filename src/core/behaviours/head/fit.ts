/** Labelled sentences of one behaviour: `inputs` has a row of `width` numbers for each, `offset` where the log-odds start. */
export interface FitRows {
  width: number;
  inputs: Float64Array;
  offset: Float64Array;
  /** 1 with the behaviour, 0 without. */
  labels: Uint8Array;
  /** How much each label counts. */
  weights: Float64Array;
}

/** The constant is penalised by this share of the others: it moves the threshold. */
const OF_CONSTANT = 0.1;
const STEPS = 20;
const ENOUGH = 1e-3;

/**
 * Weights of a logistic regression that starts at `offset`, on the rows at `places`: maximum likelihood with `strength`/2 times each squared
 * weight, by Newton's method with a halved step where the loss grows. Without rows, all are 0. Deterministic.
 * @param from weights to begin with.
 */
export function fitHead(rows: FitRows, places: readonly number[], strength: number, from?: Float64Array): Float64Array {
  const { width } = rows;
  let weights = from?.slice() ?? new Float64Array(width);
  let loss = lossOf(rows, places, strength, weights);
  for (let step = 0; step < STEPS; step += 1) {
    const direction = newtonStep(rows, places, strength, weights);
    let size = 1;
    let next = weights;
    let reached = loss;
    for (let tries = 0; tries < 20; tries += 1, size /= 2) {
      next = weights.map((weight, j) => weight - size * (direction[j] ?? 0));
      reached = lossOf(rows, places, strength, next);
      if (reached <= loss) break;
    }
    const gained = loss - reached;
    if (!(gained > 0)) break;
    [weights, loss] = [next, reached];
    if (gained < ENOUGH) break;
  }
  return weights;
}

/** The log-odds of a row. */
export function logOdds({ width, inputs, offset }: FitRows, row: number, weights: Float64Array): number {
  let z = offset[row] ?? 0;
  const at = row * width;
  for (let j = 0; j < width; j += 1) z += (weights[j] ?? 0) * (inputs[at + j] ?? 0);
  return z;
}

/** Minus the logarithm of the probability that the row has its label. */
export function surprise(label: number, z: number): number {
  return Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - label * z;
}

function lossOf(rows: FitRows, places: readonly number[], strength: number, weights: Float64Array): number {
  let loss = 0;
  for (let j = 0; j < weights.length; j += 1) loss += (penaltyOf(j, strength) / 2) * (weights[j] ?? 0) ** 2;
  for (const row of places) {
    loss += (rows.weights[row] ?? 0) * surprise(rows.labels[row] ?? 0, logOdds(rows, row, weights));
  }
  return loss;
}

const penaltyOf = (place: number, strength: number): number => (place === 0 ? strength * OF_CONSTANT : strength);

function newtonStep(rows: FitRows, places: readonly number[], strength: number, weights: Float64Array): Float64Array {
  const { width, inputs, labels } = rows;
  const gradient = weights.map((weight, j) => penaltyOf(j, strength) * weight);
  const curvature = new Float64Array(width * width);
  for (let j = 0; j < width; j += 1) curvature[j * width + j] = penaltyOf(j, strength);
  for (const row of places) {
    const p = 1 / (1 + Math.exp(-logOdds(rows, row, weights)));
    const counts = rows.weights[row] ?? 0;
    const error = (p - (labels[row] ?? 0)) * counts;
    const spread = Math.max(1e-6, p * (1 - p)) * counts;
    const at = row * width;
    for (let a = 0; a < width; a += 1) {
      const x = inputs[at + a] ?? 0;
      gradient[a] = (gradient[a] ?? 0) + error * x;
      const by = spread * x;
      for (let b = 0; b <= a; b += 1) {
        curvature[a * width + b] = (curvature[a * width + b] ?? 0) + by * (inputs[at + b] ?? 0);
      }
    }
  }
  return solve(curvature, gradient);
}

/** Solves a positive definite system by Cholesky's decomposition; `matrix` is its lower half and is overwritten. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const at = (i: number, j: number): number => matrix[i * n + j] ?? 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = at(i, j);
      for (let k = 0; k < j; k += 1) sum -= at(i, k) * at(j, k);
      matrix[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / at(j, j);
    }
  }
  const found = right.slice();
  for (let i = 0; i < n; i += 1) {
    let sum = found[i] ?? 0;
    for (let k = 0; k < i; k += 1) sum -= at(i, k) * (found[k] ?? 0);
    found[i] = sum / at(i, i);
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = found[i] ?? 0;
    for (let k = i + 1; k < n; k += 1) sum -= at(k, i) * (found[k] ?? 0);
    found[i] = sum / at(i, i);
  }
  return found;
}
