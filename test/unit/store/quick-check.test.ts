import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Chain, GradeLine, JudgementLine, Problem, ReviewAct } from '../../../src/core/schemas/index.ts';
import { quickCheck } from '../../../src/store/lines/quick-check.ts';
import { act, chain, grade } from './fixtures.ts';

const VERDICT = { outcome: 'correct', method: 'number' };
const JUDGEMENT: JudgementLine = {
  chainId: 'c1',
  text: '0123456789abcdef',
  at: 'now',
  judge: {
    host: 'h',
    model: 'm',
    prompt: 'p',
    sentences: 3,
    context: 1,
    sampling: { temperature: 0, topP: 1, maxTokens: 100 },
  },
  sentences: 2,
  labels: [{ n: 1, start: 0, end: 5, kinds: ['verification'], acts: ['verification'] }],
  failed: [{ from: 2, to: 2, start: 5, end: 9, reason: 'no answer' }],
  differ: 1,
  spans: [1, 0, 0, 0],
};
const SPAN = {
  id: 's1',
  kind: 'backward',
  start: 0,
  end: 3,
  source: 'rule',
  confidence: 0.5,
  acts: [{ start: 0, end: 1 }],
};
const LINES: [name: string, schema: z.ZodType, values: unknown[]][] = [
  [
    'chains',
    Chain,
    [
      chain('c1'),
      {
        ...chain('c2'),
        spans: [SPAN],
        candidates: { 2: 'correct' },
        pieces: [{ piece: 'trace', text: 'x', verdict: VERDICT }],
      },
      {
        ...chain('c3'),
        filters: [{ id: 'f', passed: false, value: 0.5, threshold: null, at: [{ start: 0, end: 1 }] }],
      },
    ],
  ],
  ['judgements', JudgementLine, [JUDGEMENT]],
  [
    'acts',
    ReviewAct,
    [
      act('r', 'c1', { act: 'accept' }),
      act('r', 'c1', { act: 'undo', target: 'x' }),
      act('r', 'c1', { act: 'step', start: 0, end: 3, label: null }),
      act('r', 'c1', { act: 'first-wrong-step', place: { start: 0, end: 3 } }),
      act('r', 'c1', { act: 'first-wrong-step', place: 'none' }),
    ],
  ],
];

/** The same value with some of its members replaced, removed or added. */
function mutated(value: unknown): fc.Arbitrary<unknown> {
  const other = fc.oneof(
    fc.constantFrom(
      undefined,
      null,
      -1,
      0.5,
      Number.POSITIVE_INFINITY,
      '',
      'x',
      true,
      [],
      {},
      [[]],
      'correct',
      'verification',
      2 ** 60,
    ),
    fc.jsonValue(),
  );
  if (typeof value !== 'object' || value === null)
    return fc.oneof({ weight: 12, arbitrary: fc.constant(value) }, other);
  const parts = Object.entries(value);
  const members = fc.tuple(...parts.map(([, member]) => fc.oneof({ weight: 8, arbitrary: mutated(member) }, other)));
  return fc.tuple(members, fc.boolean()).map(([made, extra]) => {
    if (Array.isArray(value)) return made;
    const all = Object.fromEntries(
      parts.map(([name], i) => [name, made[i]] as const).filter(([, one]) => one !== undefined),
    );
    return extra ? { ...all, unknown: 1 } : all;
  });
}

describe('the quick check', () => {
  test.each(LINES)('of %s accepts ordinary lines, so that these are not checked twice', (_, schema, values) => {
    const check = quickCheck(schema);
    for (const value of values) {
      expect(schema.safeParse(value).error).toBeUndefined();
      expect(check(value)).toBe(true);
    }
  });

  test.each(LINES)('of %s never accepts what the schema refuses or changes', (_, schema, values) => {
    const check = quickCheck(schema);
    fc.assert(
      fc.property(fc.constantFrom(...values).chain(mutated), (value) => {
        if (!check(value)) return;
        const { data, error } = schema.safeParse(value);
        expect(error).toBeUndefined();
        expect(value).toMatchObject(data as object);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a schema that changes values', Problem, { id: 'p', problem: 'x', answer: '2', level: 'Level 5' }],
    ['a rule of its own', z.string().refine((text) => text !== 'x'), 'y'],
    ['lines of several versions', GradeLine, grade('k', 'p', 'correct')],
    ['a strict object', z.strictObject({ a: z.string() }), { a: '' }],
    ['a default', z.object({ a: z.string().default('') }), {}],
  ])('leaves %s to the schema', (_, schema, value) => {
    expect(schema.safeParse(value).success).toBe(true);
    expect(quickCheck(schema)(value)).toBe(false);
  });
});
