import { cohenKappa } from '../../maths/kappa.ts';
import type { Decision } from '../../schemas/index.ts';

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
