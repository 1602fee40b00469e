import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSentences } from '../../../src/core/behaviours/index.ts';
import { findMaths } from '../../../src/core/text/index.ts';
import { absent, rows, sharedData } from '../text/shared.ts';

const parts = fc.array(
  fc.constantFrom(
    'Let me check. ',
    'So $x = 1.5$ here',
    '. ',
    '.So',
    '\n',
    '\n\n',
    '1. ',
    '- a',
    'no. 3',
    'e.g. ',
    '\\[ a. B \\]\n',
    '$$\nc. D\n$$',
    '| a | b. C |\n',
    '$',
    '```\nx. Y\n```',
    '🙂',
    '\ud800',
    '答案是5。',
  ),
  { maxLength: 30 },
);

describe('sentences', () => {
  it('cover any text without a gap', () => {
    fc.assert(
      fc.property(fc.oneof(parts, fc.array(fc.string({ unit: 'binary' }))), (list) => {
        const text = list.join('');
        const sentences = splitSentences(text);
        expect(sentences.map((s) => text.slice(s.start, s.end)).join('')).toBe(text);
        for (const { start, end, textEnd } of sentences) {
          expect(textEnd).toBeGreaterThanOrEqual(start);
          expect(text.slice(textEnd, end).trim()).toBe('');
        }
      }),
    );
  });

  it('never end inside a formula', () => {
    fc.assert(
      fc.property(parts, (list) => {
        const text = list.join('');
        const maths = findMaths(text);
        for (const { end } of splitSentences(text)) {
          expect(maths.filter((range) => range.start < end && end < range.end)).toEqual([]);
        }
      }),
    );
  });

  const split = (text: string): string[] => splitSentences(text).map((s) => text.slice(s.start, s.textEnd));
  it.each([
    ['One. Two! Three?', ['One.', 'Two!', 'Three?']],
    ['It is 3.14, e.g. for circles. Next.', ['It is 3.14, e.g. for circles.', 'Next.']],
    ['Dr. Lee has approx. 5 of them. No. 3 is red.', ['Dr. Lee has approx. 5 of them.', 'No. 3 is red.']],
    ['Wait, no. That is 4.', ['Wait, no.', 'That is 4.']],
    ['See Eq. (3). Then Fig. 2 shows it.', ['See Eq. (3).', 'Then Fig. 2 shows it.']],
    ['We get $a. b$ here. Then \\[ x. Y \\] follows.', ['We get $a. b$ here.', 'Then \\[ x. Y \\] follows.']],
    ['So\n\\[ x = 1. \\]\nHence y.', ['So\n\\[ x = 1. \\]', 'Hence y.']],
    ['So\n\\[ x = 1 \\]\nand we go on. Done.', ['So\n\\[ x = 1 \\]\nand we go on.', 'Done.']],
    ['1. First thing\n2. Second thing', ['1. First thing', '2. Second thing']],
    ['| a | b. C |\n|---|---|\n| 1. x | 2 |', ['| a | b. C |', '|---|---|', '| 1. x | 2 |']],
    ['A line\nthat goes on. Done.', ['A line\nthat goes on.', 'Done.']],
    ['Thus a = 1.5.So b = 2.', ['Thus a = 1.5.', 'So b = 2.']],
    ['Section 3.2.1 of v1.2.3 says so.', ['Section 3.2.1 of v1.2.3 says so.']],
    ['It costs $5. The other costs \\$5.50. Fine.', ['It costs $5.', 'The other costs \\$5.50.', 'Fine.']],
    ['答案是5。所以x=3！', ['答案是5。', '所以x=3！']],
  ])('%s', (text, sentences) => expect(split(text)).toEqual(sentences));

  it.skipIf(!sharedData)(`split no formula of 40 published traces (skipped where ${absent})`, () => {
    for (const { trace } of rows('traces/thought_anchors_math.jsonl')) {
      const text = String(trace);
      const maths = findMaths(text);
      const ends = splitSentences(text).map(({ end }) => end);
      expect(ends.filter((end) => maths.some((range) => range.start < end && end < range.end))).toEqual([]);
      expect(ends.length).toBeGreaterThan(20);
    }
  });
});
