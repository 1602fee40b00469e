import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PAIRINGS, type PairCandidate, pairUp } from '../../../src/core/export/forms/pairs.ts';

/** Chains of a few problems, with unique ids. */
const chains = fc
  .array(
    fc.record({
      problemId: fc.constantFrom('p1', 'p2', 'p3'),
      label: fc.boolean(),
      size: fc.integer({ min: 0, max: 400 }),
      text: fc.constantFrom('a', 'b', 'c'),
      before: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
    }),
    { maxLength: 30 },
  )
  .map((all) => all.map((chain, i): PairCandidate => ({ ...chain, id: `c${i}` })));
const choices = fc.record({
  pairing: fc.constantFrom(...PAIRINGS),
  perProblem: fc.integer({ min: 1, max: 12 }),
  seed: fc.nat(5),
});

describe('pairs of chains', () => {
  test('are of one problem and two texts, a chain to follow first, never twice, and no more of a problem than asked for', () => {
    fc.assert(
      fc.property(chains, choices, (all, chosen) => {
        const byId = new Map(all.map((chain) => [chain.id, chain]));
        const { pairs, equal } = pairUp(all, chosen);
        expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size).toBe(pairs.length);
        const counts = new Map<string, number>();
        for (const pair of pairs) {
          const [right, wrong] = [byId.get(pair.chosen), byId.get(pair.rejected)];
          expect(right?.problemId).toBe(wrong?.problemId);
          expect(right?.label).toBe(true);
          if (chosen.pairing === 'edits') {
            expect(wrong?.id).toBe(right?.id);
            expect(right?.before).not.toBe(undefined);
            expect(right?.before).not.toBe(right?.text);
          } else {
            expect(wrong?.label).toBe(false);
            expect(wrong?.text).not.toBe(right?.text);
          }
          expect(equal.has(pair.chosen) || equal.has(pair.rejected)).toBe(false);
          const [short = 0, long = 0] = [right?.size ?? 0, wrong?.size ?? 0].sort((a, b) => a - b);
          if (chosen.pairing === 'length') expect(long / Math.max(1, short)).toBeLessThanOrEqual(1.25);
          counts.set(right?.problemId ?? '', (counts.get(right?.problemId ?? '') ?? 0) + 1);
        }
        for (const count of counts.values()) expect(count).toBeLessThanOrEqual(chosen.perProblem);
      }),
    );
  });

  test('depend on the chains of a problem, not on their order', () => {
    fc.assert(
      fc.property(chains, choices, (all, chosen) => {
        const ofOne = all.filter(({ problemId }) => problemId === 'p1');
        expect(pairUp(ofOne.toReversed(), chosen)).toEqual(pairUp(ofOne, chosen));
      }),
    );
  });

  test('are all that exist where the cap allows it, and use each chain equally often', () => {
    fc.assert(
      fc.property(chains, fc.nat(5), fc.integer({ min: 1, max: 40 }), (all, seed, perProblem) => {
        const ofOne = all.filter(({ problemId }) => problemId === 'p1').map((chain) => ({ ...chain, text: chain.id }));
        const [right, wrong] = [true, false].map((label) => ofOne.filter((chain) => chain.label === label));
        const { pairs } = pairUp(ofOne, { pairing: 'samples', perProblem, seed });
        expect(pairs).toHaveLength(Math.min(perProblem, (right?.length ?? 0) * (wrong?.length ?? 0)));
        for (const [side, own] of [['chosen', right ?? []] as const, ['rejected', wrong ?? []] as const]) {
          const uses = own.map(({ id }) => pairs.filter((pair) => pair[side] === id).length);
          if (uses.length > 0) expect(Math.max(...uses) - Math.min(...uses)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('of about equal length are all such pairs, the most equal first', () => {
    const chain = (id: string, label: boolean, size: number): PairCandidate => ({
      ...{ id, problemId: 'p', label, size, text: id },
    });
    const all = [chain('a', true, 100), chain('b', true, 200), chain('c', false, 110), chain('d', false, 300)];
    expect(pairUp(all, { pairing: 'length', perProblem: 9, seed: 1 }).pairs).toEqual([{ chosen: 'a', rejected: 'c' }]);
    const more = [...all, chain('e', false, 201), chain('f', false, 230)];
    expect(pairUp(more, { pairing: 'length', perProblem: 9, seed: 1 }).pairs).toEqual([
      { chosen: 'b', rejected: 'e' },
      { chosen: 'a', rejected: 'c' },
      { chosen: 'b', rejected: 'f' },
    ]);
  });

  test('skip equal texts, and name the chains that have only those to pair with', () => {
    const chain = (id: string, label: boolean, text: string): PairCandidate => ({
      ...{ id, problemId: id[0] ?? '', label, size: 10, text },
    });
    const all = [
      ...[chain('p1', true, 'x'), chain('p2', false, 'x'), chain('p3', false, 'y')],
      ...[chain('q1', true, 'z'), chain('q2', false, 'z')],
      // Without another chain, and edited back to the text before.
      ...[chain('r1', true, 'x'), { ...chain('s1', true, 'x'), before: 'x' }],
    ];
    for (const pairing of ['samples', 'length'] as const) {
      const { pairs, equal } = pairUp(all, { pairing, perProblem: 9, seed: 1 });
      expect(pairs).toEqual([{ chosen: 'p1', rejected: 'p3' }]);
      expect([...equal]).toEqual(['p2', 'q1', 'q2']);
    }
    expect(pairUp(all, { pairing: 'edits', perProblem: 9, seed: 1 })).toEqual({ pairs: [], equal: new Set(['s1']) });
  });
});
