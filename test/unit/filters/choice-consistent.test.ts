import { describe, expect, it } from 'vitest';
import { good, placesOf, resultOf, right, threeTurns, withPiece, wrong } from './subjects.ts';

describe('choice-consistent', () => {
  it('fails for a summary that ends with a new answer', () => {
    expect(resultOf('choice-consistent', good)).toMatchObject({ passed: true, value: '15', threshold: '14 or 15' });
    const third = withPiece('summary', { text: 'So it is \\boxed{13}.', verdict: { ...wrong, extracted: '13' } });
    expect(resultOf('choice-consistent', third)).toMatchObject({ passed: false, value: '13' });
  });

  it.each([
    'The first solution is right, since nothing was lost. \\boxed{15}',
    'The second solution contains a mistake, so I go on: \\boxed{15}',
    'The later answer is wrong. \\boxed{15}',
  ])('fails for “%s”, which supports one answer and boxes another', (text) => {
    const chain = withPiece('summary', { text });
    const result = resultOf('choice-consistent', chain);
    expect(result?.passed).toBe(false);
    expect(text).toContain(placesOf(chain, result)[0]);
  });

  it.each([
    'The second solution is right, and the first solution is wrong. \\boxed{15}',
    'The second solution is right while the first solution is wrong. \\boxed{15}',
    'If the first solution were right, seven would be left. \\boxed{15}',
    'The first answer is not right, it forgot one bird. \\boxed{15}',
    'At first the second answer is wrong, I thought; but the second answer is right. \\boxed{15}',
    'From fifteen take eight. \\boxed{15}',
  ])('accepts “%s”', (text) => {
    expect(resultOf('choice-consistent', withPiece('summary', { text }))?.passed).toBe(true);
  });

  it('treats right answers in different spellings as equal and supports longer chains', () => {
    const half = { ...right, extracted: '15.0' };
    expect(resultOf('choice-consistent', withPiece('summary', { verdict: half }))?.passed).toBe(true);
    expect(resultOf('choice-consistent', threeTurns)).toMatchObject({ passed: true, threshold: '14 or 16 or 15' });
  });
});
