import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Drawable, drawMatched, type Pool } from '../../../src/core/selections/index.ts';

const chain = (id: string, tokens: number, stratum = ''): Drawable => ({ id, tokens, stratum });
const MATCHING = { tolerance: 0.02, sameStrata: false };

const pool = (name: string, seed: number): fc.Arbitrary<Pool<Drawable>> =>
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.constantFrom('p', 'q', 'r')), { minLength: 1, maxLength: 60 })
    .map((of) => ({ chains: of.map(([tokens, stratum], i) => chain(`${name}${i}`, tokens, stratum)), seed }));

const pools = fc.tuple(pool('a', 1), pool('b', 1), pool('c', 2));

describe('rows of the arms', () => {
  test('all arms have as many rows, each once and of its own pool, whatever the pools', () => {
    fc.assert(
      fc.property(pools, fc.boolean(), fc.option(fc.integer({ min: 1, max: 40 })), (given, sameStrata, rows) => {
        const drawn = drawMatched(given, { ...MATCHING, sameStrata, rows: rows ?? undefined });
        const sizes = drawn.rows.map(({ length }) => length);
        expect(new Set(sizes).size).toBe(1);
        if (rows !== null) expect(sizes[0]).toBeLessThanOrEqual(rows);
        for (const [i, arm] of drawn.rows.entries()) {
          expect(new Set(arm).size).toBe(arm.length);
          for (const row of arm) expect(given[i]?.chains).toContain(row);
          expect(drawn.tokens[i]).toBe(arm.reduce((sum, { tokens }) => sum + tokens, 0));
        }
        if (drawn.isMatched) {
          const most = Math.max(...drawn.tokens);
          expect(most - Math.min(...drawn.tokens)).toBeLessThanOrEqual(0.02 * most + 1e-6);
        }
      }),
    );
  });

  test('with the same strata, each arm has the same number of rows of each', () => {
    fc.assert(
      fc.property(pools, (given) => {
        const { rows } = drawMatched(given, { ...MATCHING, sameStrata: true });
        const counts = rows.map((arm) =>
          ['p', 'q', 'r'].map((of) => arm.filter(({ stratum }) => stratum === of).length),
        );
        expect(new Set(counts.map((one) => one.join())).size).toBe(1);
      }),
    );
  });

  test('with the same strata, few rows are about many strata, and long ones are matched by fewer rows', () => {
    const of = (name: string, tokens: (i: number) => number) =>
      Array.from({ length: 40 }, (_, i) => chain(`${name}${i}`, tokens(i), `p${i % 10}`));
    const same = { ...MATCHING, sameStrata: true };
    const draw = (first: Drawable[], second: Drawable[], rows?: number) =>
      drawMatched(
        [
          { chains: first, seed: 1 },
          { chains: second, seed: 1 },
        ],
        { ...same, rows },
      );
    const few = draw(
      of('a', () => 50),
      of('b', () => 50),
      10,
    );
    expect(new Set(few.rows[0]?.map(({ stratum }) => stratum)).size).toBe(10);
    // All rows of B are longer on average; the shortest of each problem are not.
    const { rows, isMatched } = draw(
      of('a', () => 100),
      of('b', (i) => (i < 10 ? 50 : 200)),
    );
    expect(isMatched).toBe(true);
    expect(rows[0]?.length).toBeLessThan(40);
    expect(rows[0]?.length).toBeGreaterThan(0);
  });

  test('one pool is kept whole, and the others are about the same strata as far as they reach', () => {
    fc.assert(
      fc.property(pools, fc.integer({ min: 0, max: 2 }), fc.integer({ min: 2, max: 20 }), (given, keepAll, factor) => {
        const kept = given[keepAll]?.chains ?? [];
        const draw = () => drawMatched(given, { tolerance: 1, sameStrata: false, keepAll });
        if (given.some(({ chains }) => chains.length < kept.length)) {
          expect(draw).toThrow(RangeError);
          return;
        }
        const { rows } = draw();
        expect(rows[keepAll]).toEqual(kept);
        // With a tolerance of 1, lengths decide nothing.
        const longer = given.map((of, i) => ({
          ...of,
          chains: i === 1 ? of.chains.map((one) => ({ ...one, tokens: factor * one.tokens })) : of.chains,
        }));
        const ids = (arms: Drawable[][]) => arms.map((arm) => arm.map(({ id }) => id));
        expect(ids(drawMatched(longer, { tolerance: 1, sameStrata: false, keepAll }).rows)).toEqual(ids(rows));
        const of = (chains: readonly Drawable[], stratum: string) =>
          chains.filter((one) => one.stratum === stratum).length;
        for (const [i, arm] of rows.entries()) {
          expect(arm).toHaveLength(kept.length);
          for (const stratum of ['p', 'q', 'r'])
            expect(of(arm, stratum)).toBeGreaterThanOrEqual(
              Math.min(of(kept, stratum), of(given[i]?.chains ?? [], stratum)),
            );
        }
      }),
    );
  });

  test('with a tolerance of 1, fewer rows are drawn for no difference of length', () => {
    const of = (name: string, first: number, tokens: number) =>
      Array.from({ length: 9 }, (_, i) => chain(`${name}${i}`, i === 0 ? first : tokens));
    // One row of each has the length of the others.
    const given = [of('s', 900, 10), of('l', 10, 900)].map((chains) => ({ chains, seed: 1 }));
    const { rows, isMatched } = drawMatched(given, { tolerance: 1, sameStrata: false, rows: 9 });
    expect(isMatched).toBe(true);
    expect(rows.map(({ length }) => length)).toEqual([9, 9]);
  });

  test('are the same for the same pools, and others for another seed', () => {
    const chains = Array.from({ length: 200 }, (_, i) => chain(`x${i}`, 100 + (i % 7)));
    const draw = (seed: number) =>
      drawMatched(
        [
          { chains, seed },
          { chains, seed: seed + 1 },
        ],
        { ...MATCHING, rows: 20 },
      ).rows.map((arm) => arm.map(({ id }) => id));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(5));
    expect(draw(1)[0]).not.toEqual(draw(1)[1]);
  });

  test('pools of other lengths get equal tokens where they overlap', () => {
    const short = Array.from({ length: 300 }, (_, i) => chain(`s${i}`, 50 + i));
    const long = Array.from({ length: 300 }, (_, i) => chain(`l${i}`, 150 + i));
    const { rows, tokens, isMatched } = drawMatched(
      [
        { chains: short, seed: 1 },
        { chains: long, seed: 1 },
      ],
      { ...MATCHING, rows: 100 },
    );
    expect(isMatched).toBe(true);
    expect(rows[0]).toHaveLength(100);
    expect(Math.abs((tokens[0] ?? 0) - (tokens[1] ?? 0))).toBeLessThan(0.02 * (tokens[0] ?? 0));
  });

  test('pools without a common length are not matched, and keep their rows', () => {
    const of = (name: string, tokens: number) => Array.from({ length: 9 }, (_, i) => chain(`${name}${i}`, tokens));
    const { rows, isMatched } = drawMatched(
      [
        { chains: of('s', 10), seed: 1 },
        { chains: of('l', 900), seed: 1 },
      ],
      MATCHING,
    );
    expect(isMatched).toBe(false);
    expect(rows.map(({ length }) => length)).toEqual([9, 9]);
  });

  test('a share of the rows is of its stratum', () => {
    const chains = Array.from({ length: 100 }, (_, i) => chain(`x${i}`, 100, i < 30 ? 'yes' : 'no'));
    const mixed = (yes: number): Pool<Drawable> => ({
      chains,
      seed: 3,
      shares: new Map([
        ['yes', yes],
        ['no', 1 - yes],
      ]),
    });
    const { rows } = drawMatched([mixed(0.5), mixed(1), mixed(0)], MATCHING);
    expect(rows.map((arm) => arm.filter(({ stratum }) => stratum === 'yes').length)).toEqual([15, 30, 0]);
    expect(rows.map(({ length }) => length)).toEqual([30, 30, 30]);
  });
});
