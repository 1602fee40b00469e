import type { BehaviourScore } from '../../src/core/behaviours/weights.ts';
import { cohenKappa } from '../../src/core/maths/kappa.ts';

/** Counts of a two-class decision; halves are possible where two labellers disagree. */
export interface Confusion {
  hits: number;
  falseAlarms: number;
  misses: number;
  rejections: number;
}

/** Counts decisions against labels. `labels` are 0, 1, or between where labellers disagree: then a sentence counts as a share of each. */
export function confusion(decisions: ArrayLike<number | boolean>, labels: ArrayLike<number>): Confusion {
  const counts = { hits: 0, falseAlarms: 0, misses: 0, rejections: 0 };
  for (let i = 0; i < labels.length; i += 1) {
    const label = labels[i] ?? 0;
    if (decisions[i]) {
      counts.hits += label;
      counts.falseAlarms += 1 - label;
    } else {
      counts.misses += label;
      counts.rejections += 1 - label;
    }
  }
  return counts;
}

/** Precision, recall, F1 and Cohen's κ of counts. What has no meaning, such as the precision of no decision, is 0. */
export function scoreOf({ hits, falseAlarms, misses, rejections }: Confusion): BehaviourScore {
  const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);
  return {
    precision: ratio(hits, hits + falseAlarms),
    recall: ratio(hits, hits + misses),
    f1: ratio(2 * hits, 2 * hits + falseAlarms + misses),
    kappa: cohenKappa(hits, falseAlarms, misses, rejections) ?? 0,
    positives: hits + misses,
  };
}

/** Labels of two passes as one: 1 or 0 where they agree, ½ where they do not. */
export function merged([first, second]: readonly [Uint8Array, Uint8Array]): Float64Array {
  return Float64Array.from(first, (label, i) => (label + (second[i] ?? 0)) / 2);
}

/** A score on one line. */
export function line({ precision, recall, f1, kappa, positives }: BehaviourScore): string {
  const three = (value: number): string => value.toFixed(3);
  return `precision ${three(precision)}  recall ${three(recall)}  F1 ${three(f1)}  κ ${three(kappa)}  (${positives} positive)`;
}

/** Cohen's κ of two labellers over any classes; 0 without sentences. */
export function kappaOf(pairs: readonly (readonly [number, number])[]): number {
  const [first, second] = [new Map<number, number>(), new Map<number, number>()];
  let agreed = 0;
  for (const [a, b] of pairs) {
    first.set(a, (first.get(a) ?? 0) + 1);
    second.set(b, (second.get(b) ?? 0) + 1);
    if (a === b) agreed += 1;
  }
  const chance =
    [...first].reduce((sum, [label, count]) => sum + count * (second.get(label) ?? 0), 0) / pairs.length ** 2;
  return pairs.length === 0 || chance === 1 ? 0 : (agreed / pairs.length - chance) / (1 - chance);
}
