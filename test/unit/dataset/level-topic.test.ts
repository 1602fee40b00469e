import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapRow } from '../../../src/core/dataset/index.ts';
import { inScope, normaliseLevel, normaliseTopic, Problem } from '../../../src/core/schemas/index.ts';

const MAPPING = { problem: 'problem', answer: 'answer', answerFrom: 'plain', level: 'level', topic: 'topic' } as const;

describe('levels', () => {
  test.each([
    ...['Level 5', 'level 5', 'LEVEL: 5', 'lvl.5', 'L5', 'Lv 5', 'Level_5'].map((written) => [written, 5]),
    ...[' 5 ', '5.0', '5', 5, 'level-5', 'Level: level 5'].map((written) => [written, 5]),
    ['l', 'l'],
    ['difficulty 2.5', 2.5],
    ['-1', -1],
    ['Level Hard', 'hard'],
    ['  Very   HARD ', 'very hard'],
    ['Level', 'level'],
    ['Level ?', '?'],
    ['12345678901234567890', '12345678901234567890'],
    ['levels 5', 'levels 5'],
    ['', ''],
  ])('%j is %j', (written, level) => expect(normaliseLevel(written)).toBe(level));

  test('normalising twice changes nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc
            .array(fc.constantFrom('level', 'lvl', 'Difficulty', ' ', ':', '-', '5', 'x'), { maxLength: 8 })
            .map((parts) => parts.join('')),
          fc.integer().map((n) => `Level ${n}`),
        ),
        (text) => {
          const once = normaliseLevel(text);
          expect(normaliseLevel(once)).toBe(once);
          expect(normaliseTopic(normaliseTopic(text))).toBe(normaliseTopic(text));
        },
      ),
    );
  });
});

describe('problems', () => {
  test('are read the same for every spelling of level and topic', () => {
    const one = Problem.parse({ id: 'a', problem: '?', answer: '1', level: 'Level 5', topic: 'Number  Theory' });
    const two = Problem.parse({ id: 'a', problem: '?', answer: '1', level: '5', topic: 'number_theory' });
    expect(one).toEqual(two);
    expect(one).toMatchObject({ level: 5, topic: 'number theory' });
  });

  test('keep the level and topic of the source when they are imported', () => {
    const row = { problem: 'What?', answer: '1', level: 'Level 5', topic: 'Algebra' };
    const mapped = mapRow(row, MAPPING);
    expect(mapped).toMatchObject({
      problem: { level: 5, topic: 'algebra', original: { level: 'Level 5', topic: 'Algebra' } },
    });
    expect(mapRow({ ...row, level: 5, topic: 'algebra' }, MAPPING)).not.toHaveProperty('problem.original');
  });

  test.each([
    ['Number-Theory', 'number theory'],
    ['number_theory', 'number theory'],
    ['Counting & Probability', 'counting and probability'],
    ['counting_and_probability', 'counting and probability'],
    ['AIME 2025-II', 'aime 2025-ii'],
  ])('the topic %j is %j', (written, topic) => expect(normaliseTopic(written)).toBe(topic));

  test('are found by a scope in any spelling', () => {
    const fits = inScope({ levels: ['Level 5', 'hard'], topics: ['Algebra'] });
    expect(fits({ level: 5, topic: 'algebra' })).toBe(true);
    expect(fits({ level: 'hard', topic: 'algebra' })).toBe(true);
    expect(fits({ level: 4, topic: 'algebra' })).toBe(false);
    expect(fits({ topic: 'algebra' })).toBe(false);
    expect(inScope({ levels: [] })({})).toBe(true);
  });
});
