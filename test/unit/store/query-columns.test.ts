import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { randomSource } from '../../../src/core/maths/random.ts';
import { type ChoiceField, FIELDS, type NumberField } from '../../../src/core/query/fields.ts';
import { type Clause, toNumber } from '../../../src/core/query/query.ts';
import type { ChainEntry } from '../../../src/store/chain-index/chain-table.ts';
import { countFacets, queryChains } from '../../../src/store/chain-index/dataset-query.ts';
import { choicesOf, numberOf } from '../../../src/store/chain-index/fields.ts';
import { FACETS } from '../../../src/store/chain-index/query.ts';
import { textHash } from '../../../src/store/chain-index/rows.ts';
import type { Dataset } from '../../../src/store/dataset.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { act, chain, grade, newDataset, plan, problem } from './fixtures.ts';

const random = randomSource(7);
const one = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

/** Two rounds whose chains differ in everything that a query asks for. */
async function mixed(): Promise<Dataset> {
  const dataset = await newDataset();
  const levels = [1, 5, 10, 'hard', undefined];
  await appendLines(
    join(dataset.problemsFolder, 'a.jsonl'),
    levels.map((level, i) =>
      problem(`p${i}`, { ...(level !== undefined && { level }), ...(i % 2 === 0 && { topic: `t${i}` }) }),
    ),
  );
  const ids: string[] = [];
  for (const round of ['0-first', '10-second']) {
    await dataset.createRound(plan(round));
    const chains = Array.from({ length: 30 }, (_, i) => {
      const id = `c${i % 25}-${round}`;
      ids.push(id);
      const span = {
        id: 's',
        kind: one(['verification', 'subgoal'] as const),
        start: 0,
        end: 4,
        source: 'rule',
        confidence: 1,
      } as const;
      return chain(id, {
        text: `${'x'.repeat(10 + (i % 3))} ${id}`,
        problemId: one(['p0', 'p1', 'p2', 'p3', 'p4', 'gone']),
        class: one(['FT', 'TT', 'FF'] as const),
        model: one(['m1', 'm10', 'm2']),
        origin: one(['dialogue', 'imported'] as const),
        tokens: { count: one([0, 10, 4000]), estimated: false },
        verdict: { outcome: one(['correct', 'incorrect', 'unknown'] as const), method: 'number' },
        pieces: one([
          [],
          [{ piece: 'answer[1]', text: 'x', finish: 'length', verdict: { outcome: 'incorrect', method: 'number' } }],
        ]),
        spans: one([[], [span], [{ ...span, acts: [{ start: 0, end: 4 }] }]]),
        passed: i % 3 > 0,
        filters: i % 3 > 0 ? [] : [{ id: one(['repetition', 'one-box']), passed: false, value: 1, threshold: 0 }],
      });
    });
    await dataset.appendChains(round, chains);
    await dataset.appendGrades(round, [
      grade('k1', 'p1', 'correct'),
      grade('k2', 'p1', 'incorrect'),
      grade('k3', 'p2', 'incorrect'),
    ]);
    const judged = chains.slice(0, 12).map(({ id, text }, i) => ({
      ...{
        chainId: id,
        text: textHash(text),
        at: 'now',
        sentences: 10,
        labels: [],
        failed: [],
        differ: i % 5,
        spans: [1, 0, 0, i % 2],
      },
      judge: {
        host: 'h',
        model: 'm',
        prompt: 'p',
        sentences: 3,
        context: 1,
        sampling: { temperature: 0, topP: 1, maxTokens: 100 },
      },
    }));
    await dataset.appendJudgements(round, judged);
  }
  const none = { FT: 0, TT: 0, TF: 0, FF: 0 };
  await dataset.writeSummary('0-first', {
    ...{ version: 1, round: '0-first', finishedAt: '2026-01-01T00:00:00Z', calls: 0, completionTokens: 0, seconds: 0 },
    ...{ problems: 2, problemsWithoutChain: 0, chains: 3, chainsPassed: 2, pairs: none, assembled: none, kept: none },
    quotaDropped: ids.slice(0, 8),
  });
  for (const id of ids.slice(5, 20)) {
    const reviewer = one(['r1', 'r2']);
    await dataset.appendReview(act(reviewer, id, { act: one(['accept', 'reject', 'skip'] as const) }));
    if (random() < 0.5)
      await dataset.appendReview(act(one(['r1', 'r2']), id, { act: 'override', outcome: 'incorrect', reason: 'x' }));
  }
  await dataset.refresh();
  return dataset;
}

let dataset: Dataset;
beforeAll(async () => {
  dataset = await mixed();
});

/** What a clause means for one chain. */
function matches(entry: ChainEntry, { field, op, values, not }: Clause, as: string | undefined): boolean {
  const { index } = dataset;
  const name = field as ChoiceField | NumberField;
  const number = numberOf(index, entry, name) ?? Number.NaN;
  const limit = toNumber(values[0] ?? '') ?? 0;
  const isNumber = FIELDS.some((one) => one.name === field && one.kind === 'number');
  const found =
    op === '='
      ? isNumber
        ? values.some((value) => toNumber(value) === number)
        : choicesOf(index, entry, name, as).some((value) => values.includes(value))
      : { '<': number < limit, '<=': number <= limit, '>': number > limit, '>=': number >= limit, '~': false }[op];
  return found !== (not === true);
}

const NUMBERS = FIELDS.flatMap(({ name, kind }) => (kind === 'number' ? [name] : []));
const CHOICES = FIELDS.flatMap(({ name, kind }) => (kind === 'choice' ? [name] : []));
const VALUES = [
  'FT',
  'TT',
  'correct',
  'incorrect',
  'truncated',
  'passed',
  'filtered',
  'quota',
  'repetition',
  'any',
  'none',
  'small',
  'r1',
];
const value = fc.constantFrom(
  ...VALUES,
  'accepted',
  'pending',
  'yes',
  'no',
  '0-first',
  'p1',
  'gone',
  'm2',
  '5',
  'hard',
  't2',
  'c3-0-first',
  'verification',
);
const clause: fc.Arbitrary<Clause> = fc.oneof(
  fc.record(
    {
      field: fc.constantFrom(...CHOICES),
      op: fc.constant('=' as const),
      values: fc.array(value, { minLength: 1, maxLength: 4 }),
      not: fc.constant(true as const),
    },
    { requiredKeys: ['field', 'op', 'values'] },
  ),
  fc.record(
    {
      field: fc.constantFrom(...NUMBERS, 'level' as const),
      op: fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const),
      values: fc.constantFrom('0', '5', '50%', '4000', '0.25').map((limit) => [limit]),
      not: fc.constant(true as const),
    },
    { requiredKeys: ['field', 'op', 'values'] },
  ),
);
const query = fc.array(clause, { maxLength: 4 });
const reviewer = fc.constantFrom(undefined, 'r1', 'r2');

describe('a query over columns', () => {
  test('finds the chains that it finds one by one', () => {
    fc.assert(
      fc.property(query, reviewer, (clauses, as) => {
        const all = dataset.index.chains();
        const expected = all.filter((entry) => clauses.every((each) => matches(entry, each, as)));
        const found = queryChains(dataset.index, clauses, { as });
        const byId = (entries: readonly ChainEntry[]): string[] => entries.map(({ id }) => id).sort();
        expect(byId(found)).toEqual(byId(expected));
        expect(found.every((entry) => Object.is(dataset.index.chain(entry.id)?.offset, entry.offset))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('counts the values that it counts one by one', () => {
    fc.assert(
      fc.property(query, reviewer, (clauses, as) => {
        const counts = countFacets(dataset.index, clauses, { as });
        for (const facet of FACETS) {
          const expected = new Map<string, number>();
          for (const entry of dataset.index.chains()) {
            if (!clauses.every((each) => each.field === facet || matches(entry, each, as))) continue;
            for (const own of choicesOf(dataset.index, entry, facet, as))
              expected.set(own, (expected.get(own) ?? 0) + 1);
          }
          expect(Object.fromEntries(counts[facet])).toEqual(Object.fromEntries(expected));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('sorts by numbers as such, by names with numbers in them, and keeps the order of equal ones', () => {
    const collator = new Intl.Collator('en', { numeric: true });
    const fields = [...NUMBERS, ...CHOICES];
    for (const field of fields) {
      for (const descending of [false, true]) {
        const key = (entry: ChainEntry) =>
          numberOf(dataset.index, entry, field) ?? choicesOf(dataset.index, entry, field, 'r1')[0];
        const expected = dataset.index.chains().toSorted((a, b) => {
          const [first, second] = [key(a), key(b)];
          if (first === undefined || second === undefined)
            return Number(first === undefined) - Number(second === undefined);
          const order =
            typeof first === 'number' && typeof second === 'number'
              ? first - second
              : collator.compare(`${first}`, `${second}`);
          return descending ? -order : order;
        });
        const sorted = queryChains(dataset.index, [], { as: 'r1' }, { field, descending });
        expect(sorted.map(({ id }) => `${field} ${id}`)).toEqual(expected.map(({ id }) => `${field} ${id}`));
      }
    }
  });
});
