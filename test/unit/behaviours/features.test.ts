import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEATURE_NAMES, featureRows, type TextContext } from '../../../src/core/behaviours/features.ts';
import { splitSentences } from '../../../src/core/behaviours/index.ts';
import { GROUP, type GroupName } from '../../../src/core/behaviours/lexicon.ts';
import { PHRASE_NAMES, phrasesIn, Scanner } from '../../../src/core/behaviours/scan.ts';

/** The features of the last sentence of a text, by name. */
function last(text: string, context: TextContext = {}): Map<string, number> {
  const sentences = splitSentences(text);
  const { starts, ids, values } = featureRows(text, sentences, context);
  const found = new Map<string, number>();
  for (let j = starts[sentences.length - 1] ?? 0; j < (starts[sentences.length] ?? 0); j += 1) {
    found.set(FEATURE_NAMES[ids[j] ?? 0] ?? '', values[j] ?? 0);
  }
  return found;
}

const scan = (text: string) => new Scanner(text).scan(0, text.length);
const hasGroup = (text: string, group: GroupName): boolean => (scan(text).groups[GROUP[group]] ?? 0) > 0;

const parts = [
  'Let me',
  ' check',
  ' that',
  ' x_1',
  ' 3.5',
  '1,250',
  ', ',
  '. ',
  ' \\frac{1}{2}',
  '\\(',
  '\\',
  ' I',
  "don't",
  ' so',
  ' = ',
  '?',
  '¿é🙂',
  '\u00a0',
  '**Step 1:**',
];

describe('scan', () => {
  it('finds the phrases of a sentence as the reference does', () => {
    const sentence = fc
      .array(fc.oneof(fc.constantFrom(...parts), fc.string({ maxLength: 3 })))
      .map((list) => list.join(''));
    fc.assert(
      fc.property(sentence, (text) => {
        const { phrases } = scan(text);
        const found = [...phrases.items.subarray(0, phrases.size)].map((place) => PHRASE_NAMES[place] ?? '');
        expect(found.sort()).toEqual([...phrasesIn(text)].filter((phrase) => PHRASE_NAMES.includes(phrase)).sort());
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['It costs 1,250 euros and 3.5 cents.', [1250, 3.5]],
    ['Take $x_1 = 12$ and y2 = 40.', [12, 40]],
    ['The numbers 4,14 are two.', [4, 14]],
    ['Half is \\frac{1}{2} of 9.', [1, 2, 9]],
  ])('reads the numbers of %s', (text, numbers) => expect(scan(text).numbers).toEqual(numbers));

  it.each([
    ['3 * 4 = 12', [12]],
    ['x = -5 and y ≈ 2.5', [5, 2.5]],
    ['a = b + 7', []],
    ['\\( a \\approx 14.4 \\)', [14.4]],
  ])('reads the results of %s', (text, results) => expect(scan(text).results).toEqual(results));

  it.each<[string, GroupName, boolean]>([
    ['Let me quickly double-check that.', 'intend check', true],
    ["Let's make sure it is right.", 'intend check', true],
    ['Let x be the number of checks.', 'intend', false],
    ['That does not seem to match.', 'not agrees', true],
    ['Wait, no, it is even.', 'wait no', true],
    ['We should find the height.', 'intend compute', true],
    ['This is getting too messy.', 'too complicated', true],
  ])('finds in “%s” the group %s: %s', (text, group, expected) => expect(hasGroup(text, group)).toBe(expected));
});

describe('features that know the mathematics', () => {
  it('find the value of the answer used again with a number of the problem', () => {
    const text =
      'We get x = 4 from this. The answer is 4. That was quick work. Nothing else is asked. Now 3 * 4 + 5 = 17, as given.';
    const features = last(text, { problem: 'Solve 3x + 5 = 17.' });
    expect(features.get('answer back')).toBe(1);
    expect(features.get('answer and given')).toBe(1);
    expect(features.get('result given')).toBe(1);
    expect(features.get('equality holds')).toBe(1);
  });

  it('find an equality that is computed again, and one that fails', () => {
    const text =
      'First 12 * 11 = 132 pairs. Then comes a break. It is a long one. Words go by. Again 12 * 11 = 132 pairs.';
    expect(last(text).get('result old')).toBe(1);
    expect(last(text).get('all numbers old')).toBe(1);
    expect(last(text).get('together')).toBe(1);
    expect(last('So 7 * 8 = 54 here.').get('equality fails')).toBe(1);
  });

  it('do not mark a first computation as old', () => {
    const features = last('There are 12 teams with 11 players. So 12 * 11 = 132 players.');
    expect(features.has('result old')).toBe(false);
    expect(features.get('result new')).toBe(1);
  });

  it('find a second method only after an answer', () => {
    const before = 'Some words. Alternatively, use another method.';
    expect(last(before).has('method after answer')).toBe(false);
    expect(last(`The answer is 45. ${before}`).get('method after answer')).toBe(1);
  });

  it('include the piece', () => {
    const text = 'One. Two.';
    const pieces = [
      { piece: 'answer[1]', start: 0, end: 5 },
      { piece: 'check[1]', start: 5, end: 9 },
    ];
    expect(last(text, { pieces }).get('piece check')).toBe(1);
  });

  it('have unique names', () => {
    expect(new Set(FEATURE_NAMES).size).toBe(FEATURE_NAMES.length);
  });
});
