import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELDS, operatorsOf } from '../../../src/core/query/fields.ts';
import { parseQuery, QueryError } from '../../../src/core/query/parse.ts';
import {
  Clause,
  formatQuery,
  hasValue,
  isComparison,
  Query,
  withoutValue,
  withValue,
} from '../../../src/core/query/query.ts';

const clause = fc
  .constantFrom(...FIELDS)
  .chain((field) => fc.tuple(fc.constant(field), fc.constantFrom(...operatorsOf(field.name)), fc.boolean()))
  .chain(([field, op, not]) => {
    const isNumber = isComparison(op) || field.kind === 'number';
    const closed = 'values' in field ? field.values : undefined;
    const value =
      op === '~' || !(isNumber || closed)
        ? fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
        : isNumber
          ? fc.constantFrom('0', '4000', '0.3', '30%', '-1', '1e3')
          : fc.constantFrom(...(closed ?? []));
    const values = fc.array(value, { minLength: 1, maxLength: isComparison(op) ? 1 : 3 });
    return values.map((list): Clause => ({ field: field.name, op, values: list, ...(not && { not: true as const }) }));
  });

const failure = (text: string): QueryError => {
  try {
    parseQuery(text);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`${text} was read`);
};

describe('a query', () => {
  test('that is written out is read back as it was', () => {
    fc.assert(
      fc.property(fc.array(clause, { maxLength: 5 }), (query) => {
        expect(parseQuery(formatQuery(query))).toEqual(query);
        expect(Query.parse(query)).toEqual(query);
      }),
    );
  });

  test.each(['say "so"', 'a\\b', '\\"', 'and', 'Not', '/x/', '"', '\\'])('keeps the value %s', (value) => {
    for (const field of ['topic', 'note'] as const) {
      const query: Clause[] = [{ field, op: field === 'note' ? '~' : '=', values: [value] }];
      expect(parseQuery(formatQuery(query))).toEqual(query);
    }
  });

  test('of any text is read, or reports a place in the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        try {
          expect(Query.safeParse(parseQuery(text)).success).toBe(true);
        } catch (error) {
          if (!(error instanceof QueryError)) throw error;
          expect(error.start).toBeGreaterThanOrEqual(0);
          expect(error.end).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });

  test.each<[string, Clause[]]>([
    ['', []],
    ['class = FT', [{ field: 'class', op: '=', values: ['FT'] }]],
    ['class=ft,TT', [{ field: 'class', op: '=', values: ['FT', 'TT'] }]],
    ['Verdict != correct', [{ field: 'verdict', op: '=', values: ['correct'], not: true }]],
    ['not verdict != correct', [{ field: 'verdict', op: '=', values: ['correct'] }]],
    ['passRate < 30%', [{ field: 'passRate', op: '<', values: ['30%'] }]],
    ['triangle', [{ field: 'text', op: '~', values: ['triangle'] }]],
    ['not "so, wait"', [{ field: 'text', op: '~', values: ['so, wait'], not: true }]],
    ['chain ~ /wa+it/i', [{ field: 'chain', op: '~', values: ['/wa+it/i'], regex: true }]],
    ['chain = 1-first/p2/0, b', [{ field: 'chain', op: '=', values: ['1-first/p2/0', 'b'] }]],
    ['chain ~/a b/i', [{ field: 'chain', op: '~', values: ['/a b/i'], regex: true }]],
    [String.raw`/\/2/`, [{ field: 'text', op: '~', values: [String.raw`/\/2/`], regex: true }]],
    [
      'failed = repetition and level = 5 first = incorrect',
      [
        { field: 'failed', op: '=', values: ['repetition'] },
        { field: 'level', op: '=', values: ['5'] },
        { field: 'first', op: '=', values: ['incorrect'] },
      ],
    ],
  ])('%s', (text, expected) => {
    expect(parseQuery(text)).toEqual(expected);
  });

  test.each([
    ['tokns > 4', 'There is no field “tokns”.', 'tokns'],
    ['class = wrong', 'class has no value “wrong”.', 'wrong'],
    ['tokens > many', '“many” is not a number.', 'many'],
    ['class > FT', '“>” can’t be used with class.', '>'],
    ['tokens > 1, 2', 'A comparison has one value.', '2'],
    ['chain ~ /(/', '/(/ is not a regular expression.', '/(/'],
    ['chain ~ "wait', 'The second " is missing.', '"'],
    ['class =', 'The query ends where a value must follow.', ''],
    ['= FT', '“=” needs a field before it.', '='],
    ['class = FT OR class = TT', 'All clauses of a query apply: there is no “or” between them.', 'OR'],
  ])('%s: %s', (text, message, place) => {
    const error = failure(text);
    expect(error.message).toBe(message);
    expect(text.slice(error.start, error.end)).toBe(place);
  });

  test.each([
    ['a value', `chain ~ /${'(a|'.repeat(3000)}b${')'.repeat(3000)}/`, 'A value has at most 1,000 characters.'],
    ['values', `topic = ${Array(1001).fill('a').join()}`, 'A clause has at most 1,000 values.'],
    ['clauses', Array(101).fill('tokens > 1').join(' '), 'A query has at most 100 clauses.'],
  ])('has a limit of %s, as a stored query has', (_, text, message) => {
    expect(failure(text).message).toBe(message);
  });

  test('with many quotes without an end is refused in linear time', () => {
    const begun = process.cpuUsage();
    expect(failure('"\\'.repeat(100_000)).message).toBe('The second " is missing.');
    expect(process.cpuUsage(begun).user).toBeLessThan(2_000_000);
  });

  test('takes and loses values as a person checks them', () => {
    fc.assert(
      fc.property(fc.array(clause, { maxLength: 3 }), fc.constantFrom('a', 'b'), (query, value) => {
        const more = withValue(query, 'topic', value);
        expect(hasValue(more, 'topic', value)).toBe(true);
        expect(hasValue(withoutValue(more, 'topic', value), 'topic', value)).toBe(false);
      }),
    );
    const query = parseQuery('topic = algebra and tokens > 5');
    expect(formatQuery(withValue(query, 'topic', 'number theory'))).toBe(
      'topic = algebra, "number theory" and tokens > 5',
    );
    expect(formatQuery(withoutValue(query, 'topic', 'algebra'))).toBe('tokens > 5');
  });

  test('from a file is refused where a person could not have written it', () => {
    for (const bad of [
      { field: 'constructor', op: '=', values: ['x'] },
      { field: 'tokens', op: '>', values: ['x'] },
      { field: 'class', op: '~', values: ['x'] },
      { field: 'chain', op: '~', values: ['/(/'], regex: true },
      { field: 'class', op: '=', values: [] },
    ])
      expect(Clause.safeParse(bad).success).toBe(false);
  });
});
