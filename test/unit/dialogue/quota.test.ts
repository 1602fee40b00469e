import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyQuota } from '../../../src/core/dialogue/index.ts';
import type { ChainClass } from '../../../src/core/schemas/index.ts';

interface QuotaChain {
  id: string;
  problemId: string;
  class: ChainClass;
}

/** Chains of distinct problems. */
const distinctProblems = fc
  .array(fc.constantFrom<ChainClass>('FT', 'TT', 'TF', 'FF'), { maxLength: 60 })
  .map((classes) =>
    classes.map((chainClass, i): QuotaChain => ({ id: `c${i}`, problemId: `p${i}`, class: chainClass })),
  );
const sharedProblems = distinctProblems.map((chains) =>
  chains.map((chain, i) => ({ ...chain, problemId: `p${i % 7}` })),
);
const share = fc.integer({ min: 1, max: 99 });

const rankOf = (id: string): number => (Number(id.slice(1)) * 7919) % 101;
const quota = (chains: readonly QuotaChain[], firstWrongShare = 50, keepPerProblem = 20): Set<string> =>
  applyQuota(chains, rankOf, { firstWrongShare, keepPerProblem });
const of = (chains: readonly QuotaChain[], chainClass: ChainClass, keep?: Set<string>): number =>
  chains.filter((chain) => chain.class === chainClass && (keep?.has(chain.id) ?? true)).length;
const many = (classes: Partial<Record<ChainClass, number>>): QuotaChain[] =>
  Object.entries(classes).flatMap(([chainClass, count]) =>
    Array.from({ length: count }, (_, i) => ({
      id: `c${i}-${chainClass}`,
      problemId: `p${i}-${chainClass}`,
      class: chainClass as ChainClass,
    })),
  );
const kept = (classes: Partial<Record<ChainClass, number>>, firstWrongShare: number): string => {
  const chains = many(classes);
  const keep = quota(chains, firstWrongShare);
  return `${of(chains, 'FT', keep)} FT, ${of(chains, 'TF', keep)} TF, ${of(chains, 'TT', keep)} TT`;
};

describe('the quota at 50 %', () => {
  it('keeps all FT, no FF, and as many right as wrong first answers when there are enough', () => {
    fc.assert(
      fc.property(distinctProblems, (input) => {
        const keep = quota(input);
        const [s1, s2, s3] = [of(input, 'FT'), of(input, 'TF'), of(input, 'TT')];
        expect(of(input, 'FT', keep)).toBe(s1);
        expect(of(input, 'FF', keep)).toBe(0);
        expect(of(input, 'TF', keep)).toBe(Math.min(s2, s1));
        expect(of(input, 'TT', keep)).toBe(Math.min(s3, Math.max(0, s1 - s2)));
      }),
    );
  });
});

describe('the quota of any share', () => {
  it('keeps at least that share of wrong first answers, and as many right ones as the share allows', () => {
    fc.assert(
      fc.property(distinctProblems, share, (input, percent) => {
        const keep = quota(input, percent);
        const wrong = of(input, 'FT', keep);
        const right = of(input, 'TF', keep) + of(input, 'TT', keep);
        expect(wrong).toBe(of(input, 'FT'));
        expect(wrong * (100 - percent)).toBeGreaterThanOrEqual(right * percent);
        const isOneMoreTooMany = wrong * (100 - percent) < (right + 1) * percent;
        expect(isOneMoreTooMany || right === of(input, 'TF') + of(input, 'TT')).toBe(true);
        // TT only when no TF is left.
        if (of(input, 'TT', keep) > 0) expect(of(input, 'TF', keep)).toBe(of(input, 'TF'));
      }),
    );
  });

  it('keeps at most the set number of chains of a problem, FT before TF before TT', () => {
    fc.assert(
      fc.property(
        sharedProblems,
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 4 }),
        (input, percent, most) => {
          const keep = quota(input, percent, most);
          for (const problem of new Set(input.map(({ problemId }) => problemId))) {
            const own = input.filter(({ problemId }) => problemId === problem);
            const count = own.filter(({ id }) => keep.has(id)).length;
            expect(count).toBeLessThanOrEqual(most);
            if (percent > 0) expect(of(own, 'FT', keep)).toBe(Math.min(of(own, 'FT'), most));
          }
        },
      ),
    );
  });

  it('does not depend on the order in which chains arrived', () => {
    fc.assert(
      fc.property(sharedProblems, share, (input, percent) => {
        expect([...quota([...input].reverse(), percent, 2)].sort()).toEqual([...quota(input, percent, 2)].sort());
      }),
    );
  });

  // The table of docs/design/dialogue.md.
  it.each([
    [{ FT: 10, TF: 4, TT: 20 }, 50, '10 FT, 4 TF, 6 TT'],
    [{ FT: 10, TF: 15, TT: 20 }, 50, '10 FT, 10 TF, 0 TT'],
    [{ FT: 10, TF: 2, TT: 3 }, 50, '10 FT, 2 TF, 3 TT'],
    [{ FT: 0, TF: 5, TT: 20 }, 50, '0 FT, 0 TF, 0 TT'],
    [{ FT: 10, TF: 4, TT: 20 }, 80, '10 FT, 2 TF, 0 TT'],
    [{ FT: 10, TF: 4, TT: 20 }, 30, '10 FT, 4 TF, 19 TT'],
    [{ FT: 10, TF: 4, TT: 20 }, 100, '10 FT, 0 TF, 0 TT'],
    [{ FT: 10, TF: 4, TT: 20 }, 0, '0 FT, 4 TF, 20 TT'],
  ])('%o at %i %%: %s', (classes, percent, expected) => expect(kept(classes, percent)).toBe(expected));
});
