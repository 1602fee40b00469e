import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, DEFAULT_CHOICES, planRows, type RowChoices } from '../../../src/core/export/index.ts';
import { DEDUPES, ROW_ORDERS } from '../../../src/core/export/plan.ts';
import { CHAIN_WARNINGS } from '../../../src/core/export/warnings.ts';

/** Chains of few problems and texts, so that they repeat. */
const chains: fc.Arbitrary<Candidate[]> = fc
  .array(
    fc.record({
      problem: fc.constantFrom('p', 'q', 'r', 's', 't', 'u'),
      text: fc.constantFrom('a', 'b', 'c', 'd'),
      near: fc.option(fc.constantFrom('n', 'm'), { nil: undefined }),
      label: fc.constantFrom(undefined, true, false),
      source: fc.constantFrom('dialogue', 'sampling'),
      warnings: fc.subarray([...CHAIN_WARNINGS]),
      passRate: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      level: fc.option(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant('hard')), { nil: undefined }),
    }),
    { maxLength: 40 },
  )
  .map((all) => all.map((chain, i) => ({ ...chain, id: `c${i}`, problemId: `${chain.problem}-id` }) as Candidate));

const choices: fc.Arbitrary<RowChoices> = fc.record({
  leaveOut: fc.subarray([...CHAIN_WARNINGS]).map((warnings) => new Set(warnings)),
  dedupe: fc.constantFrom(...DEDUPES),
  perProblem: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  validation: fc.constantFrom(0, 0.1, 0.3, 0.5),
  order: fc.constantFrom(...ROW_ORDERS),
  seed: fc.nat(),
});

/** p and q are near duplicates, as are r and s. */
const groupOf = ({ problem }: Candidate): string => ({ q: 'p', s: 'r' })[problem] ?? problem;

const ids = (rows: readonly Candidate[]): string[] => rows.map(({ id }) => id).sort();

describe('the plan of an export', () => {
  test('every chain is trained on, validated with or excluded, once', () => {
    fc.assert(
      fc.property(chains, choices, (all, chosen) => {
        const { train, validation, left } = planRows(all, chosen, groupOf);
        expect(ids([...train, ...validation, ...left.map(({ chain }) => chain)])).toEqual(ids(all));
        for (const { by } of left)
          if (by) expect([...train, ...validation, ...left.map((one) => one.chain)]).toContain(by);
      }),
    );
  });

  test('the same chains and choices give the same rows in the same order', () => {
    fc.assert(
      fc.property(chains, choices, (all, chosen) => {
        expect(planRows(structuredClone(all), chosen, groupOf)).toEqual(planRows(all, chosen, groupOf));
      }),
    );
  });

  test('no group of near-duplicate problems is in both sets, and the last one is trained on', () => {
    fc.assert(
      fc.property(chains, choices, (all, chosen) => {
        const { train, validation } = planRows(all, chosen, groupOf);
        const trained = new Set(train.map(groupOf));
        for (const row of validation) expect(trained.has(groupOf(row))).toBe(false);
        if (train.length + validation.length > 0) expect(train.length).toBeGreaterThan(0);
        if (chosen.validation === 0) expect(validation).toEqual([]);
        else if (trained.size > 1)
          expect(validation.length).toBeGreaterThanOrEqual(chosen.validation * (train.length + validation.length));
      }),
    );
  });

  test('a validation set exceeds its share by less than one group', () => {
    const all = Array.from({ length: 400 }, (_, i) => ({
      ...{ id: `c${i}`, problemId: `p${i >> 1}`, problem: `p${i >> 1}`, text: `t${i}` },
      ...({ source: 'dialogue', warnings: [] } as const),
    }));
    const { train, validation } = planRows(all, { ...DEFAULT_CHOICES, validation: 0.1 });
    expect([train.length, validation.length]).toEqual([360, 40]);
    // Not the first problems: another seed draws others.
    const other = planRows(all, { ...DEFAULT_CHOICES, validation: 0.1, seed: 7 });
    expect(ids(other.validation)).not.toEqual(ids(validation));
  });

  test('chains with an excluded warning have no row, and no others are excluded for that', () => {
    fc.assert(
      fc.property(chains, choices, (all, chosen) => {
        const { train, validation, left } = planRows(all, chosen, groupOf);
        const isWarned = ({ warnings }: Candidate): boolean => warnings.some((one) => chosen.leaveOut.has(one));
        expect([...train, ...validation].some(isWarned)).toBe(false);
        const warned = left.filter(({ reason }) => reason === 'warning');
        expect(warned.map(({ chain }) => chain.id)).toEqual(all.filter(isWarned).map(({ id }) => id));
      }),
    );
  });

  test('of equal texts of a problem, and of near-duplicate replies, the first has the row', () => {
    fc.assert(
      fc.property(chains, fc.constantFrom('exact' as const, 'near' as const), (all, dedupe) => {
        const { train, left } = planRows(all, { ...DEFAULT_CHOICES, dedupe });
        const keys = train.map(({ problem, text }) => `${problem} ${text}`);
        expect(new Set(keys).size).toBe(keys.length);
        const groups = train.flatMap(({ problem, label, near }) =>
          dedupe === 'near' && near !== undefined ? [`${problem} ${label} ${near}`] : [],
        );
        expect(new Set(groups).size).toBe(groups.length);
        for (const { chain, by, reason } of left) {
          const isOther = chain.problem !== by?.problem || (reason === 'near-duplicate' && chain.label !== by.label);
          expect(isOther).toBe(false);
        }
        for (const { chain, by } of left)
          expect(all.indexOf(chain)).toBeGreaterThan(by === undefined ? -1 : all.indexOf(by));
        // What is without duplicates stays as it is.
        expect(planRows(train, { ...DEFAULT_CHOICES, dedupe })).toEqual({ train, validation: [], left: [] });
      }),
    );
  });

  test('a problem has no more rows than the limit, and as many as it can', () => {
    fc.assert(
      fc.property(chains, fc.integer({ min: 1, max: 4 }), fc.nat(), (all, perProblem, seed) => {
        const { train } = planRows(all, { ...DEFAULT_CHOICES, perProblem, seed });
        for (const problem of new Set(all.map((chain) => chain.problem))) {
          const own = (rows: readonly Candidate[]): number => rows.filter((row) => row.problem === problem).length;
          expect(own(train)).toBe(Math.min(perProblem, own(all)));
        }
        expect(planRows(train, { ...DEFAULT_CHOICES, perProblem, seed }).left).toEqual([]);
      }),
    );
  });

  test.each([
    ['stored', ['c0', 'c1', 'c2', 'c3', 'c4']],
    ['problem', ['c0', 'c3', 'c1', 'c2', 'c4']],
    ['easy', ['c4', 'c0', 'c3', 'c2', 'c1']],
  ] as const)('in the order “%s”', (order, expected) => {
    const rows: Candidate[] = [
      ['p', 0.5, 3],
      ['q', undefined, 'hard'],
      ['r', undefined, 1],
      ['p', 0.5, 3],
      ['s', 1, 5],
    ].map(([problem, passRate, level], i) => ({
      ...{ id: `c${i}`, problemId: String(problem), problem: String(problem), text: `t${i}`, warnings: [] },
      ...{ source: 'dialogue', passRate: passRate as number | undefined, level: level as number | string },
    }));
    expect(planRows(rows, { ...DEFAULT_CHOICES, order }).train.map(({ id }) => id)).toEqual(expected);
  });

  test('shuffled by the seed, whatever the order as stored', () => {
    fc.assert(
      fc.property(chains, fc.nat(), (all, seed) => {
        const { train } = planRows(all, { ...DEFAULT_CHOICES, order: 'shuffled', seed });
        expect(planRows(all.toReversed(), { ...DEFAULT_CHOICES, order: 'shuffled', seed }).train).toEqual(train);
      }),
    );
  });
});
