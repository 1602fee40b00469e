import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandOf, bandOfChains, withBand } from '../../../src/core/filters/index.ts';
import { FilterSettings } from '../../../src/core/schemas/index.ts';
import { response, resultOf } from './subjects.ts';

const settings = FilterSettings.parse({});

describe('length-band', () => {
  it('uses the same quantiles as numpy', () => {
    // numpy.quantile(range(1, 101), [0.05, 0.95]) is 5.95 and 95.05.
    const band = bandOf(
      Array.from({ length: 100 }, (_, i) => i + 1),
      settings,
    );
    expect(band).toEqual({ low: 6, high: 95, chains: 100 });
  });

  it('fails for the shortest and the longest with a reason', () => {
    const band = { low: 10, high: 20, chains: 50 };
    expect(resultOf('length-band', response('a'.repeat(9)), {}, { band })?.reason).toContain('shortest');
    expect(resultOf('length-band', response('a'.repeat(21)), {}, { band })?.reason).toContain('longest');
    for (const length of [10, 20])
      expect(resultOf('length-band', response('a'.repeat(length)), {}, { band })?.passed).toBe(true);
  });

  it('passes in a small round with a reason and does not apply before the round has ended', () => {
    const band = { low: 10, high: 20, chains: 19 };
    expect(resultOf('length-band', response('a'), {}, { band })).toMatchObject({ passed: true, threshold: null });
    expect(resultOf('length-band', response('a'), {}, { band })?.reason).toContain('19 chains');
    expect(resultOf('length-band', response('a'))).toBeUndefined();
  });

  it('never fails for more than the two shares of a round', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { minLength: 20, maxLength: 200 }), (lengths) => {
        const { low, high } = bandOf(lengths, settings);
        const out = lengths.filter((length) => length < low || length > high).length;
        expect(out).toBeLessThanOrEqual(2 * Math.ceil(0.05 * lengths.length));
      }),
    );
  });

  it('uses the chains that pass the other filters and is reproducible', () => {
    const made = (size: number, passed: boolean) => ({
      ...{ text: 'a'.repeat(size), passed },
      filters: [{ id: 'repetition', passed, value: 0, threshold: 0.2 }],
    });
    const chains = [...Array.from({ length: 40 }, (_, i) => made(100 + i, true)), made(90_000, false)];
    const band = bandOfChains(chains, settings);
    expect(band).toMatchObject({ chains: 40 });
    const banded = chains.map((chain) => withBand(chain, band, settings));
    expect(banded.filter(({ passed }) => !passed).map(({ text }) => text.length)).toEqual([100, 101, 138, 139, 90_000]);
    expect(bandOfChains(banded, settings)).toEqual(band);
    expect(banded.map((chain) => withBand(chain, band, settings))).toEqual(banded);
    expect(bandOfChains(chains, FilterSettings.parse({ off: ['length-band'] }))).toBeUndefined();
  });
});
