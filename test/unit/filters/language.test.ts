import { describe, expect, it } from 'vitest';
import { placesOf, response, said } from './subjects.ts';

const HAN = '有七只鸟停在墙上，又来了八只。一共有多少只鸟？';
const RUSSIAN = 'На стене сидят семь птиц, прилетели ещё восемь. Сколько всего птиц?';
const ENGLISH = 'Seven birds are there at first, then eight more come along, which makes fifteen birds altogether.';

describe('language', () => {
  it.each([
    [HAN, ENGLISH],
    [RUSSIAN, ENGLISH],
    ['How many birds are there on the wall now?', HAN],
    [HAN, RUSSIAN],
  ])('rejects an answer to “%s” in another script', (problem, text) => {
    const chain = response(text, { problem });
    const result = said('language', chain);
    expect(result).toMatchObject({ passed: false, value: 0, threshold: 0.95 });
    expect(placesOf(chain, result).length).toBeGreaterThan(0);
  });

  it.each([
    [HAN, `设 x 为鸟的总数，则 $x = 7 + 8$，所以 x = 15。\\boxed{15}，答案是十五只鸟。`],
    [RUSSIAN, `Сложим семь и восемь: $7 + 8 = 15$, значит всего пятнадцать птиц.`],
    ['How many birds are there on the wall now?', `${ENGLISH} Let α be an angle, \\(\\text{на стене}\\).`],
  ])('lets maths, names of variables and functions stand in an answer to “%s”', (problem, text) => {
    expect(said('language', response(text, { problem }))?.passed).toBe(true);
  });

  it('points at the words where a text changes over, and says nothing where there is next to no prose', () => {
    const chain = response(`${ENGLISH} 然后我们再检查一遍答案。`, {
      problem: 'How many birds are there on the wall now?',
    });
    expect(placesOf(chain, said('language', chain))).toEqual(['然后我们再检查一遍答案']);
    expect(said('language', response('$7 + 8 = 15$', { problem: HAN }))).toBeUndefined();
    expect(said('language', response(ENGLISH, { problem: '$7+8$' }))).toBeUndefined();
  });
});
