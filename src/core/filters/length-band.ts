import type { FilterSettings } from '../model/index.ts';
import type { FilterRule, LengthBand } from './rule.ts';

/**
 * The chain is neither among the shortest nor among the longest of its round. The others are known when the round has ended: until then
 * the filter does not speak.
 */
export const lengthBand: FilterRule = {
  id: 'length-band',
  asks: 'The length of the text lies between two quantiles of the chains of its round that pass every other filter; measured when the round has ended.',
  thresholds: ['bandLow', 'bandHigh', 'bandMinChains'],
  measure: ({ text }, settings, { band }) => band && inBand(text.length, band, settings),
};

/** What the filter says of a text of `length` code units. */
export function inBand(length: number, band: LengthBand, { bandMinChains }: FilterSettings) {
  if (band.chains < bandMinChains) {
    const reason = `The round has ${band.chains} chains that pass the other filters; ${bandMinChains} make a band.`;
    return { passed: true, value: length, threshold: null, reason };
  }
  const passed = length >= band.low && length <= band.high;
  const side = length < band.low ? 'shortest' : 'longest';
  const reason = `With ${length} characters it is among the ${side} chains of its round.`;
  return { passed, value: length, threshold: `${band.low} to ${band.high}`, ...(passed ? {} : { reason }) };
}

/** The band of lengths in code units: quantiles with linear interpolation between neighbours, as numpy and R (type 7) compute them. */
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
