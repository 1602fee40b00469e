import { describe, expect, it } from 'vitest';
import { addOutcome, addTallies, emptyTally, Tally } from '../../../src/core/sampling/index.ts';

describe('tally', () => {
  it('counts only graded samples as attempted', () => {
    const outcomes = ['correct', 'incorrect', 'unknown', 'timeout', 'error', 'truncated', 'correct'] as const;
    const tally = outcomes.reduce(addOutcome, emptyTally('p'));
    expect(tally).toEqual({ problemId: 'p', attempts: 3, successes: 2, ungraded: 4, truncated: 1 });
    expect(addTallies(tally, tally)).toEqual({ problemId: 'p', attempts: 6, successes: 4, ungraded: 8, truncated: 2 });
  });

  it('refuses more successes than graded samples', () => {
    expect(Tally.safeParse({ problemId: 'p', attempts: 1, successes: 2 }).success).toBe(false);
    expect(Tally.parse({ problemId: 'p', attempts: 2, successes: 2 }).ungraded).toBe(0);
  });
});
