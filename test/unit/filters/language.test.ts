import { describe, expect, it } from 'vitest';
import { placesOf, response, resultOf } from './subjects.ts';

const HAN = '有七只鸟停在墙上，又来了八只。一共有多少只鸟？';
const RUSSIAN = 'На стене сидят семь птиц, прилетели ещё восемь. Сколько всего птиц?';
const ENGLISH = 'Seven birds are there at first, then eight more come along, which makes fifteen birds altogether.';

describe('language', () => {
  it.each([
    [HAN, ENGLISH],
    [RUSSIAN, ENGLISH],
    ['How many birds are there on the wall now?', HAN],
    [HAN, RUSSIAN],
  ])('fails for an answer to “%s” in another script', (problem, text) => {
    const chain = response(text, { problem });
    const result = resultOf('language', chain);
    expect(result).toMatchObject({ passed: false, value: 0, threshold: 0.95 });
    expect(placesOf(chain, result).length).toBeGreaterThan(0);
  });

  it.each([
    [HAN, `设 x 为鸟的总数，则 $x = 7 + 8$，所以 x = 15。\\boxed{15}，答案是十五只鸟。`],
    [RUSSIAN, `Сложим семь и восемь: $7 + 8 = 15$, значит всего пятнадцать птиц.`],
    ['How many birds are there on the wall now?', `${ENGLISH} Let α be an angle, \\(\\text{на стене}\\).`],
  ])('accepts maths and names of variables and functions in an answer to “%s”', (problem, text) => {
    expect(resultOf('language', response(text, { problem }))?.passed).toBe(true);
  });

  it('marks the words in another script and does not apply with almost no prose', () => {
    const chain = response(`${ENGLISH} 然后我们再检查一遍答案。`, {
      problem: 'How many birds are there on the wall now?',
    });
    expect(placesOf(chain, resultOf('language', chain))).toEqual(['然后我们再检查一遍答案']);
    expect(resultOf('language', response('$7 + 8 = 15$', { problem: HAN }))).toBeUndefined();
    expect(resultOf('language', response(ENGLISH, { problem: '$7+8$' }))).toBeUndefined();
  });
});
