import { describe, expect, it } from 'vitest';
import { good, placesOf, response, resultOf, wrong } from './subjects.ts';

describe('final-correct', () => {
  it('uses the verdict of the whole chain and marks the answer', () => {
    expect(resultOf('final-correct', good)).toMatchObject({ passed: true, value: 'correct' });
    const bad = response('I come to \\boxed{14} birds.', { verdict: wrong });
    const result = resultOf('final-correct', bad);
    expect(result).toMatchObject({ passed: false, value: 'incorrect', threshold: 'correct' });
    expect(placesOf(bad, result)).toEqual(['14']);
  });

  it.each(['unknown', 'timeout', 'error'] as const)('does not pass for the outcome %s', (outcome) => {
    expect(resultOf('final-correct', { ...good, verdict: { outcome, method: 'none' } })?.passed).toBe(false);
  });
});

describe('gradable', () => {
  it('passes for an extracted answer, right or wrong', () => {
    expect(resultOf('gradable', good)).toMatchObject({ passed: true, value: '15' });
    expect(resultOf('gradable', { ...good, verdict: wrong })).toMatchObject({ passed: true, value: '14' });
  });

  it('fails without an answer and for an unreadable gold answer', () => {
    const none = { outcome: 'incorrect', method: 'none', detail: 'There is no answer.' } as const;
    expect(resultOf('gradable', { ...good, verdict: none })).toMatchObject({
      passed: false,
      reason: 'There is no answer.',
    });
    const unknown = { outcome: 'unknown', method: 'none', extracted: '15' } as const;
    expect(resultOf('gradable', { ...good, verdict: unknown })?.passed).toBe(false);
  });
});
