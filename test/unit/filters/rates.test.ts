import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Span } from '../../../src/core/schemas/index.ts';
import { placesOf, response, resultOf } from './subjects.ts';

const episode = (kind: Span['kind'], start: number, end: number): Span => ({
  id: `${kind}-${start}`,
  kind,
  start,
  end,
  source: 'classifier',
  confidence: 1,
});

describe('branching', () => {
  const text =
    'I add them. Alternatively, another way is to count. Or maybe I draw it? What if I list them. So it is 15.';
  const counted = response(text, { tokens: { count: 1000, estimated: false } });

  it('counts the alternatives per 1,000 tokens, one for each sentence', () => {
    const result = resultOf('branching', counted, { maxBranching: 2 });
    expect(result).toMatchObject({ passed: false, value: 3, threshold: 2 });
    expect(placesOf(counted, result)).toEqual(['Alternatively', 'Or maybe', 'What if']);
    expect(resultOf('branching', counted, { maxBranching: 3 })?.passed).toBe(true);
    expect(resultOf('branching', response(text), { maxBranching: 3 })?.passed).toBe(false);
  });

  it('is off without a limit', () => {
    expect(resultOf('branching', counted)).toBeUndefined();
  });

  it('never counts fewer alternatives in a longer text', () => {
    const sentence = fc.constantFrom('Alternatively, I add. ', 'So it is 15. ', 'Another approach works. ', 'I see.\n');
    fc.assert(
      fc.property(fc.array(sentence), sentence, (sentences, more) => {
        const count = (all: readonly string[]): unknown => {
          const subject = response(`${all.join('')}.`, { tokens: { count: 1000, estimated: false } });
          return resultOf('branching', subject, { maxBranching: 0.5 })?.value;
        };
        expect(count([...sentences, more])).toBeGreaterThanOrEqual(Number(count(sentences)));
      }),
    );
  });
});

describe('behaviour-rates', () => {
  const spans = [episode('verification', 0, 4), episode('verification', 10, 14), episode('backtracking', 5, 9)];
  const subject = response('I check it. I turn away.', { spans, tokens: { count: 1000, estimated: false } });

  it('fails below the least and above the greatest rate, and marks the episodes of a rate that is too high', () => {
    const low = resultOf('behaviour-rates', subject, { behaviourRates: { verification: { min: 3 } } });
    expect(low).toMatchObject({ passed: false, value: 'verification 2' });
    expect(low?.reason).toContain('at least 3');
    const high = resultOf('behaviour-rates', subject, { behaviourRates: { backtracking: { max: 0.5 } } });
    expect(high).toMatchObject({ passed: false, at: [{ start: 5, end: 9 }] });
    const both = { verification: { min: 2, max: 2 }, backtracking: { max: 1 }, subgoal: { max: 0 } };
    expect(resultOf('behaviour-rates', subject, { behaviourRates: both })?.passed).toBe(true);
  });

  it('is off without limits, and where behaviours are not marked', () => {
    expect(resultOf('behaviour-rates', subject)).toBeUndefined();
    expect(resultOf('behaviour-rates', response('x'), { behaviourRates: { subgoal: { min: 1 } } })).toBeUndefined();
  });
});
