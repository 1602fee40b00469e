import { cohenKappa } from '../../maths/kappa.ts';
import type { Decision } from '../../schemas/index.ts';

/** A longer gap between two decisions is a break. */
const BREAK_MS = 10 * 60_000;
const HOUR_MS = 3_600_000;

/**
 * Decisions per hour of review, without breaks of more than 10 minutes; undefined without two decisions in one session.
 * @param times Milliseconds, in any order.
 */
export function reviewPace(times: readonly number[]): number | undefined {
  const sorted = [...times].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((time, i) => time - (sorted[i] ?? time));
  const worked = gaps.filter((gap) => gap <= BREAK_MS);
  const ms = worked.reduce((sum, gap) => sum + gap, 0);
  return ms > 0 ? (worked.length * HOUR_MS) / ms : undefined;
}

/** How two reviewers agree on the chains that both have accepted or rejected. */
export interface Agreement {
  chains: number;
  same: number;
  /** Cohen's κ; null if they agree by chance alone. */
  kappa: number | null;
}

/** @param pairs The decisions of both on each chain; pairs with another decision than accepted and rejected do not count. */
export function agreementOf(pairs: readonly (readonly [Decision, Decision])[]): Agreement {
  const number = (first: Decision, second: Decision): number =>
    pairs.filter(([one, other]) => one === first && other === second).length;
  const both = number('accepted', 'accepted');
  const neither = number('rejected', 'rejected');
  const [first, second] = [number('accepted', 'rejected'), number('rejected', 'accepted')];
  const chains = both + neither + first + second;
  return { chains, same: both + neither, kappa: cohenKappa(both, first, second, neither) };
}
