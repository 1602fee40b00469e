import type { Chain, FilterResult, FilterSettings } from '../model/index.ts';
import { bandOf, inBand } from './length-band.ts';
import type { LengthBand } from './rule.ts';

const BAND = 'length-band';

/** What of a chain the band looks at. */
export type BandedChain = Pick<Chain, 'filters' | 'text'>;

/** The band of a round that has ended: of the chains that pass every other filter. Undefined where the filter is off. */
export function bandOfChains(chains: readonly BandedChain[], settings: FilterSettings): LengthBand | undefined {
  if (settings.off.includes(BAND)) return undefined;
  const good = chains.filter(({ filters }) => filters.every(({ id, passed }) => passed || id === BAND));
  return bandOf(
    good.map(({ text }) => text.length),
    settings,
  );
}

/** The chain with what the band says of it in place; without, where there is no band. */
export function withBand<C extends BandedChain & { passed: boolean }>(
  chain: C,
  band: LengthBand | undefined,
  settings: FilterSettings,
): C {
  const others = chain.filters.filter(({ id }) => id !== BAND);
  const own: FilterResult[] = band ? [{ id: BAND, ...inBand(chain.text.length, band, settings) }] : [];
  // Before `decontaminated` and what is no filter of ours.
  const place = others.findIndex(({ id }) => id === 'decontaminated' || id === 'assembled-as');
  const filters = place < 0 ? [...others, ...own] : others.toSpliced(place, 0, ...own);
  return { ...chain, filters, passed: filters.every(({ passed }) => passed) };
}
