import { describe, expect, it } from 'vitest';
import { good, response, said, withPiece } from './subjects.ts';

describe('finished', () => {
  it('rejects a piece that stopped at its limit, and points at where', () => {
    expect(said('finished', good)?.passed).toBe(true);
    const cut = withPiece('answer[1]', { finish: 'length' });
    expect(said('finished', cut)).toMatchObject({
      passed: false,
      value: 'length',
      reason: 'answer[1] ended with “length”.',
    });
    expect(said('finished', cut)?.at).toHaveLength(1);
  });

  it('reads the finish of a response, and says nothing where it is unknown', () => {
    expect(said('finished', response('So it is.', { finish: 'length' }))?.passed).toBe(false);
    expect(said('finished', response('So it is.'))).toBeUndefined();
  });
});
