import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { extractAnswer } from '../../../src/core/grading/index.ts';

// Many cases can be slow on a busy machine. These tests don't measure time.
vi.setConfig({ testTimeout: 60_000 });

const strict = (text: string) => extractAnswer(text)?.answer;
const bare = (text: string) => extractAnswer(text, { bare: true })?.answer;

describe('the final answer of a response', () => {
  it.each([
    ['the last complete box', 'First \\boxed{1}, no: \\boxed{\\frac{1}{2}}.', '\\frac{1}{2}'],
    ['a box before a truncated box', 'So \\boxed{3}. Checking: \\boxed{4', '3'],
    ['\\fbox', 'It is \\fbox{7}.', '7'],
    ['a box without braces', 'It is $\\boxed 5$.', '5'],
    ['a box with a set inside', '\\boxed{\\{1, 2\\}}', '\\{1, 2\\}'],
    ['a box rather than an answer line', 'The answer is 4, that is \\boxed{5}.', '5'],
    ['a final answer after a box', 'half is \\boxed{5}, and the final answer is 10.', '10'],
    ['a box before a remark on the final answer', 'so \\boxed{5}. The final answer is a positive integer.', '5'],
    ['a box before another answer line', 'so \\boxed{5}. The answer is 10 in base 5.', '5'],
    ['boxes with words between them', '\\boxed{1} apples and \\boxed{2}', '\\boxed{1} apples and \\boxed{2}'],
    ['several boxes of one answer', 'so \\boxed{1} and \\boxed{-2}', '\\boxed{1} and \\boxed{-2}'],
    ['one repeated box', '\\boxed{6}, \\boxed{6}', '6'],
    ['an answer line', 'We add.\nThe answer is 42.', '42'],
    ['the last answer line', 'I think the answer is 12. Wait: the answer is 15.', '15'],
    ['an answer heading', '**Answer:** 72', '72'],
    ['an answer in dollars', 'The answer is $\\frac{3}{4}$. I hope it helps.', '\\frac{3}{4}'],
    ['an answer in a sentence', 'Final Answer: The perimeter is 36 cm.', '36 cm'],
    ['an answer with a reason', 'The answer is 8 because 2^3 = 8.', '8'],
    ['a letter with a reason', 'The answer is B, since A is too small.', 'B'],
    ['an answer tag', '<answer>84</answer>', '84'],
    ['a Chinese answer line', '所以答案是 12。', '12'],
    ['GSM8K’s mark', '5 + 13 = <<5+13=18>>18\n#### 18', '18'],
  ])('is %s', (_, text, answer) => {
    expect(strict(text)).toBe(answer);
  });

  it.each([
    ['an empty text', ''],
    ['prose', 'We could not solve it, sorry.'],
    ['a truncated box', 'so we get \\boxed{42'],
    ['an empty box', 'so \\boxed{}'],
    ['an unfinished thought', '<think> The answer is 4, \\boxed{4}'],
    ['a judgement', 'The answer is correct.'],
  ])('is absent in %s', (_, text) => {
    expect(extractAnswer(text)).toBeUndefined();
  });

  it('is searched for after a closed thought, and in the thought only when nothing follows it', () => {
    expect(strict('<think>\\boxed{1}</think> So \\boxed{2}.')).toBe('2');
    expect(strict('<|begin_of_thought|>\\boxed{1}<|end_of_thought|> The answer is 2.')).toBe('2');
    expect(strict('thinking … \\boxed{1}</think>')).toBe('1');
    expect(strict('thinking … \\boxed{1}</think> Done.')).toBeUndefined();
    expect(bare('<think>x = 3</think>\n\n0.5')).toBe('0.5');
  });

  it('can be a bare answer when that is allowed', () => {
    expect(strict('42')).toBeUndefined();
    expect(bare('42')).toBe('42');
    expect(bare('Work, work.\n**V = 32**')).toBe('**V = 32**'.slice(2, -2));
    expect(bare('So the total is 5 + 3 = 8 dollars.')).toBe('8 dollars');
    expect(bare('Therefore, she has 12 eggs left.')).toBe('12');
    expect(bare('$$x = 2$$\nThis is the final result.')).toBe('x = 2');
    expect(bare('It was cut off: \\boxed{4')).toBeUndefined();
  });

  it('is at the returned offsets in every text', () => {
    const piece = fc.constantFrom(
      '\\boxed{',
      '}',
      '\\boxed 7',
      'answer is ',
      '$',
      '\n',
      '</think>',
      '<think>',
      '#### ',
      '3',
      ' and ',
      '𝑥',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, alsoBare) => {
        const text = pieces.join('');
        const answer = extractAnswer(text, { bare: alsoBare });
        if (answer === undefined) return;
        expect(text.slice(answer.start, answer.end)).toBe(answer.answer);
        expect(answer.answer.trim()).toBe(answer.answer);
        expect(answer.answer).not.toBe('');
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the box, for any prose without a box around it', () => {
    const prose = fc.string({ maxLength: 200 }).filter((text) => !/[\\{}<]/.test(text));
    const inside = fc.integer().map(String);
    fc.assert(
      fc.property(prose, inside, prose, (before, answer, after) => {
        expect(strict(`${before} \\boxed{${answer}} ${after}`)).toBe(answer);
      }),
    );
  });
});
