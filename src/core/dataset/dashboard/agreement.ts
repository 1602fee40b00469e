import { cohenKappa } from '../../maths/kappa.ts';
import { shareInterval } from '../../review/calibration/estimate.ts';
import type { Decision } from '../../schemas/index.ts';
import { formatCount, formatPercent, plural } from '../../text/format.ts';

/** How two reviewers agree on the chains that both have accepted or rejected. */
export interface Agreement {
  chains: number;
  same: number;
  /** 90 % interval of the share `same` / `chains`; 0 to 1 without a chain. See shareInterval. */
  low: number;
  high: number;
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
  const same = both + neither;
  const { low, high } =
    chains === 0 ? { low: 0, high: 1 } : shareInterval({ value: same / chains, n: chains, effective: chains });
  return { chains, same, low, high, kappa: cohenKappa(both, first, second, neither) };
}

/** `Ada and Bob agree on 12 of 14 chains: 85.7 % (64.8 % to 95.9 %), κ 0.51.` */
export function agreementText({
  reviewers: [one, other],
  ...found
}: Agreement & { reviewers: readonly [string, string] }): string {
  const { chains, same, low, high, kappa } = found;
  const share = `${formatPercent(same / chains)} (${formatPercent(low)} to ${formatPercent(high)})`;
  const chance = kappa === null ? '' : `, κ ${kappa.toFixed(2)}`;
  return `${one} and ${other} agree on ${formatCount(same)} of ${plural(chains, 'chain')}: ${share}${chance}.`;
}
