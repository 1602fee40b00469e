import { describe, expect, it } from 'vitest';
import { PROBLEM, response, said } from './subjects.ts';

describe('context', () => {
  it('counts a quarter of the characters of problem and text where the server counted nothing', () => {
    const text = 'word '.repeat(800);
    const tokens = 1000 + Math.ceil(PROBLEM.length / 4);
    expect(said('context', response(text))).toMatchObject({ passed: true, value: tokens, threshold: 29_491 });
    const small = { contextTokens: 1000, contextMargin: 0.1 };
    expect(said('context', response(text), small)).toMatchObject({ passed: false, value: tokens, threshold: 900 });
  });

  it('takes the count of the server where there is one, and passes up to the very limit', () => {
    const counted = response('word', { problem: 'abcd', tokens: { count: 899, estimated: false } });
    expect(said('context', counted, { contextTokens: 1000 })).toMatchObject({ passed: true, value: 900 });
    const more = response('word', { problem: 'abcd', tokens: { count: 900, estimated: false } });
    expect(said('context', more, { contextTokens: 1000 })?.passed).toBe(false);
    expect(
      said('context', response('word', { tokens: { count: 9999, estimated: true } }), { contextTokens: 100 })?.passed,
    ).toBe(true);
  });
});
