import { describe, expect, it } from 'vitest';
import { PROBLEM, response, resultOf } from './subjects.ts';

describe('context', () => {
  it('estimates a quarter of the characters without a token count', () => {
    const text = 'word '.repeat(800);
    const tokens = 1000 + Math.ceil(PROBLEM.length / 4);
    expect(resultOf('context', response(text))).toMatchObject({ passed: true, value: tokens, threshold: 29_491 });
    const small = { contextTokens: 1000, contextMargin: 0.1 };
    expect(resultOf('context', response(text), small)).toMatchObject({ passed: false, value: tokens, threshold: 900 });
  });

  it('uses the token count of the server and passes at the limit', () => {
    const counted = response('word', { problem: 'abcd', tokens: { count: 899, estimated: false } });
    expect(resultOf('context', counted, { contextTokens: 1000 })).toMatchObject({ passed: true, value: 900 });
    const more = response('word', { problem: 'abcd', tokens: { count: 900, estimated: false } });
    expect(resultOf('context', more, { contextTokens: 1000 })?.passed).toBe(false);
    expect(
      resultOf('context', response('word', { tokens: { count: 9999, estimated: true } }), { contextTokens: 100 })
        ?.passed,
    ).toBe(true);
  });
});
