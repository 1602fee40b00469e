import { describe, expect, it } from 'vitest';
import { good, said, wrong } from './subjects.ts';

describe('gradable', () => {
  it('lets a read answer pass, right or wrong, with the answer as its value', () => {
    expect(said('gradable', good)).toMatchObject({ passed: true, value: '15' });
    expect(said('gradable', { ...good, verdict: wrong })).toMatchObject({ passed: true, value: '14' });
  });

  it('rejects a chain without an answer, or with a gold that nobody can read', () => {
    const none = { outcome: 'incorrect', method: 'none', detail: 'There is no answer.' } as const;
    expect(said('gradable', { ...good, verdict: none })).toMatchObject({
      passed: false,
      reason: 'There is no answer.',
    });
    const unknown = { outcome: 'unknown', method: 'none', extracted: '15' } as const;
    expect(said('gradable', { ...good, verdict: unknown })?.passed).toBe(false);
  });
});
