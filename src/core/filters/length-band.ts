import type { Chain, FilterResult, FilterSettings } from '../schemas/index.ts';
import { formatCount, plural } from '../text/format.ts';
import type { FilterRule, LengthBand } from './rule.ts';

/** Not measured before the round has ended, because it depends on the other chains. */
export const lengthBand: FilterRule = {
  id: 'length-band',
  asks: 'The length of the text lies between two quantiles of the chains of its round that pass every other filter. Measured when the round has ended.',
  thresholds: ['bandLow', 'bandHigh', 'bandMinChains'],
  measure: ({ text }, settings, { band }) => band && inBand(text.length, band, settings),
};

/** The result for a text of `length` code units. */
export function inBand(length: number, band: LengthBand, { bandMinChains }: FilterSettings) {
  if (band.chains < bandMinChains) {
    const reason = `The round has ${plural(band.chains, 'chain')} that ${band.chains === 1 ? 'passes' : 'pass'} the other filters; the length band requires ${formatCount(bandMinChains)}.`;
    return { passed: true, value: length, threshold: null, reason };
  }
  const threshold = `${band.low} to ${band.high}`;
  if (length >= band.low && length <= band.high) return { passed: true, value: length, threshold };
  const side = length < band.low ? 'shortest' : 'longest';
  const reason = `With ${plural(length, 'character')} it is among the ${side} of its round.`;
  return { passed: false, value: length, threshold, reason };
}

/** The band of lengths in code units: quantiles with linear interpolation, as in numpy and R (type 7). */
export function bandOf(lengths: readonly number[], { bandLow, bandHigh }: FilterSettings): LengthBand {
  const sorted = Float64Array.from(lengths).sort();
  const quantile = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? 0;
    const above = sorted[Math.ceil(place)] ?? below;
    return below + (above - below) * (place - Math.floor(place));
  };
  return { low: Math.ceil(quantile(bandLow)), high: Math.floor(quantile(bandHigh)), chains: lengths.length };
}

/** Of the text, only the length is read. */
type BandedChain = Pick<Chain, 'filters'> & { text: { readonly length: number } };

/** The band of a finished round from the chains that pass all other filters; undefined if the filter is off. */
export function bandOfChains(chains: readonly BandedChain[], settings: FilterSettings): LengthBand | undefined {
  if (settings.off.includes(lengthBand.id)) return undefined;
  const good = chains.filter(({ filters }) => filters.every(({ id, passed }) => passed || id === lengthBand.id));
  const lengths = good.map(({ text }) => text.length);
  return bandOf(lengths, settings);
}

/** The chain with the result of the band, or without one if there is no band. */
export function withBand<C extends BandedChain & { passed: boolean }>(
  chain: C,
  band: LengthBand | undefined,
  settings: FilterSettings,
): C {
  const others = chain.filters.filter(({ id }) => id !== lengthBand.id);
  const own: FilterResult[] = band ? [{ id: lengthBand.id, ...inBand(chain.text.length, band, settings) }] : [];
  // Before `decontaminated` and results that are not of a filter.
  const place = others.findIndex(({ id }) => id === 'decontaminated' || id === 'assembled-as');
  const filters = place < 0 ? [...others, ...own] : others.toSpliced(place, 0, ...own);
  return { ...chain, filters, passed: filters.every(({ passed }) => passed) };
}
