import { describe, expect, it } from 'vitest';
import { good, placesOf, response, said, wrong } from './subjects.ts';

describe('final-correct', () => {
  it('goes by the verdict of the whole chain, and points at the answer', () => {
    expect(said('final-correct', good)).toMatchObject({ passed: true, value: 'correct' });
    const bad = response('I come to \\boxed{14} birds.', { verdict: wrong });
    const result = said('final-correct', bad);
    expect(result).toMatchObject({ passed: false, value: 'incorrect', threshold: 'correct' });
    expect(placesOf(bad, result)).toEqual(['14']);
  });

  it.each(['unknown', 'timeout', 'error'] as const)('does not take %s for correct', (outcome) => {
    expect(said('final-correct', { ...good, verdict: { outcome, method: 'none' } })?.passed).toBe(false);
  });
});
