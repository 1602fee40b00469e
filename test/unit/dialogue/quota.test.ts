import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyQuota } from '../../../src/core/dialogue/index.ts';
import type { ChainClass } from '../../../src/core/model/index.ts';

const chains = fc
  .array(fc.constantFrom<ChainClass>('FT', 'TT', 'TF', 'FF'), { maxLength: 60 })
  .map((classes) => classes.map((chainClass, i) => ({ id: `c${i}`, class: chainClass })));

const kept = (input: readonly { id: string; class: ChainClass }[], wanted: ChainClass, keep: Set<string>): number =>
  input.filter((chain) => chain.class === wanted && keep.has(chain.id)).length;

describe('quota', () => {
  it('keeps all FT, no FF, and as many right as wrong first answers where there are enough', () => {
    fc.assert(
      fc.property(chains, (input) => {
        const count = (wanted: ChainClass): number => input.filter((chain) => chain.class === wanted).length;
        const keep = applyQuota(input, (id) => Number(id.slice(1)));
        const [ft, tf, tt] = [kept(input, 'FT', keep), kept(input, 'TF', keep), kept(input, 'TT', keep)];
        expect(ft).toBe(count('FT'));
        expect(kept(input, 'FF', keep)).toBe(0);
        expect(tf).toBe(Math.min(count('TF'), count('FT')));
        expect(tt).toBe(Math.min(count('TT'), Math.max(0, count('FT') - count('TF'))));
        if (count('TF') + count('TT') >= count('FT')) expect(tf + tt).toBe(ft);
      }),
    );
  });

  it('does not depend on the order in which chains arrived', () => {
    fc.assert(
      fc.property(chains, fc.integer(), (input, salt) => {
        const rank = (id: string): number => (Number(id.slice(1)) * 7919 + salt) % 101;
        expect([...applyQuota([...input].reverse(), rank)].sort()).toEqual([...applyQuota(input, rank)].sort());
      }),
    );
  });
});
