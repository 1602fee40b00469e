import { betaQuantile } from '../../maths/special.ts';
import type { Estimate } from './model.ts';

/** A labelled sentence of a stratified sample for a yes/no question. */
export interface Unit {
  stratum: string;
  /** Number of sentences that it represents. */
  weight: number;
  /** Whether the question applies to it. */
  inside: boolean;
  yes: boolean;
}

/** A share of yes with the precision of a simple random sample of `effective` units. */
export interface Share {
  value: number;
  /** Labelled units to which the question applies. */
  n: number;
  effective: number;
}

/** Size of each stratum, and its number of labelled sentences. */
export type StratumSizes = ReadonlyMap<string, { size: number; labelled: number }>;

const LEVEL = 0.9;
const TAIL = (1 - LEVEL) / 2;

/**
 * The weighted share of yes (Hájek's ratio of two Horvitz–Thompson totals); undefined without a unit inside. Its effective size is p(1 − p)/v,
 * with v the variance of a ratio under stratified sampling without replacement (Särndal, Swensson and Wretman, Model Assisted Survey
 * Sampling, 1992, 5.6 and 7.2), at most n (Korn and Graubard, Survey Methodology 24, 1998). If all units agree, Kish's (Σw)²/Σw².
 */
export function estimateShare(units: readonly Unit[], sizes: StratumSizes): Share | undefined {
  const inside = units.filter((unit) => unit.inside);
  const weight = sum(inside.map((unit) => unit.weight));
  if (inside.length === 0 || weight === 0) return undefined;
  const value = sum(inside.map((unit) => (unit.yes ? unit.weight : 0))) / weight;
  const n = inside.length;
  const kish = weight ** 2 / sum(inside.map((unit) => unit.weight ** 2));
  const yes = inside.filter((unit) => unit.yes).length;
  if (yes === 0 || yes === n) return { value, n, effective: kish };
  const variance = ratioVariance(units, value, weight, sizes);
  return { value, n, effective: variance > 0 ? Math.min(kish, (value * (1 - value)) / variance) : kish };
}

function ratioVariance(units: readonly Unit[], value: number, weight: number, sizes: StratumSizes): number {
  const byStratum = new Map<string, number[]>();
  for (const unit of units) {
    const residual = unit.inside ? (unit.weight * ((unit.yes ? 1 : 0) - value)) / weight : 0;
    byStratum.set(unit.stratum, [...(byStratum.get(unit.stratum) ?? []), residual]);
  }
  let variance = 0;
  for (const [stratum, residuals] of byStratum) {
    const n = residuals.length;
    const size = sizes.get(stratum)?.size ?? n;
    // A single unit shows no variance: its own residual is used, which gives a wider interval.
    const mean = n > 1 ? sum(residuals) / n : 0;
    const squares = sum(residuals.map((residual) => (residual - mean) ** 2));
    variance += (1 - n / Math.max(n, size)) * (n > 1 ? n / (n - 1) : 1) * squares;
  }
  return variance;
}

/**
 * The share with its 90 % Jeffreys interval on the effective size, extended to 0 or 1 if no or all units are yes (Brown, Cai and DasGupta,
 * Statistical Science 16, 2001). It is also the distribution for the recall; a bootstrap would have no width if all labels agree.
 */
export function shareInterval(share: Share): Estimate {
  const { value } = share;
  const { a, b } = jeffreys(share);
  return {
    value,
    low: value <= 0 ? 0 : Math.min(value, betaQuantile(TAIL, a, b)),
    high: value >= 1 ? 1 : Math.max(value, betaQuantile(1 - TAIL, a, b)),
  };
}

const jeffreys = ({ value, effective }: Share): { a: number; b: number } => ({
  a: effective * value + 0.5,
  b: effective * (1 - value) + 0.5,
});

/** Points per distribution: 61 × 61 give quantiles to about 0.005. */
const POINTS = 61;

/**
 * Recall: `found` is the share of true sentences among the `marked` ones, `missed` among the `unmarked` ones. The interval is that of F/(F + M),
 * F = marked · found, M = unmarked · missed, with independent Beta distributions on quantile grids: Jeffreys' for `found`; for `missed`, which
 * rests on few sentences with large weights, those of Clopper and Pearson on the effective size (Korn and Graubard, 1998), the upper one for
 * the low end and the lower one for the high end. Null if nothing is true.
 */
export function recallInterval(found: Share, marked: number, missed: Share, unmarked: number): Estimate | null {
  const total = marked * found.value + unmarked * missed.value;
  if (total <= 0) return null;
  const value = (marked * found.value) / total;
  const yes = missed.effective * missed.value;
  const no = missed.effective - yes;
  const { a, b } = jeffreys(found);
  const hits = quantiles(a, b).map((share) => share * marked);
  const at = (q: number, misses: readonly number[]): number => {
    const ratios = hits.flatMap((hit) => misses.map((miss) => hit / (hit + miss * unmarked)));
    ratios.sort((one, other) => one - other);
    return ratios[Math.floor(q * ratios.length)] ?? value;
  };
  return {
    value,
    low: value <= 0 ? 0 : Math.min(value, at(TAIL, quantiles(yes + 1, no))),
    high: value >= 1 ? 1 : Math.max(value, at(1 - TAIL, quantiles(yes, no + 1))),
  };
}

/** Quantiles of Beta(a, b); with a parameter of 0 it is a point. */
function quantiles(a: number, b: number): number[] {
  if (a <= 0 || b <= 0) return [a <= 0 ? 0 : 1];
  return Array.from({ length: POINTS }, (_, i) => betaQuantile((i + 0.5) / POINTS, a, b));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
