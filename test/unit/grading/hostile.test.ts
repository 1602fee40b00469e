import { describe, expect, it, vi } from 'vitest';
import { compareAnswers, extractAnswer, gradeAnswer } from '../../../src/core/grading/index.ts';
import { GradingPolicy } from '../../../src/core/schemas/index.ts';

// These tests don't measure time, but a rule of more than linear cost would run for hours on these texts.
vi.setConfig({ testTimeout: 120_000 });

const policy = GradingPolicy.parse({});

/** Parts that rules search for. A text of nothing else is the worst case of each rule. */
const PIECES = [
  ...[
    'a',
    '1',
    ' ',
    '\n',
    '\t',
    '(',
    '[',
    '{',
    '}',
    ')',
    ']',
    '\\',
    '\\\\',
    '$',
    '$$',
    '**',
    '_',
    '^',
    '!',
    '.',
    ',',
    ';',
    ':',
  ],
  ...[
    '=',
    '<',
    '-',
    '/',
    '|',
    '"',
    "'",
    '&',
    '%',
    '#### ',
    '`',
    '~',
    '中',
    '。',
    '𝑥',
    '\ud800',
    '<|',
    '|>',
    '<think>',
    '</think>',
  ],
  ...[
    'answer ',
    'answer is ',
    'the answer is 5 ',
    'the final answer is ',
    '答案',
    '选',
    'so ',
    'is ',
    'a = 1, ',
    'x=1 and ',
    ' or ',
  ],
  ...[
    '1,',
    '1 000 ',
    '1.1',
    '1 1/2 ',
    '\\frac{',
    '\\frac{1}{2}',
    '\\sqrt{',
    '\\boxed{',
    '\\boxed{1} and ',
    '\\boxed{{',
    '\\text{',
  ],
  ...[
    '\\left(',
    '\\begin{pmatrix}',
    '\\end{cases}',
    '\\\\ &',
    '<answer>',
    '[ANSWER]',
    '"answer":"',
    '\\(',
    '\\[',
    '$x',
    'five ',
  ],
  ...[
    'twenty-',
    '5 million ',
    '9^',
    '9!',
    '[0,1]\\cup',
    'x \\in ',
    'k \\in \\mathbb{Z},',
    'integer ',
    '1_',
    '1:',
    '2:30 pm ',
    'July 4 ',
  ],
  ...[
    '\\pm',
    '\\over',
    '{1 \\choose',
    '0.1(',
    '0.(3)',
    '0.333...',
    '\\dot{3}',
    '\\color{',
    '5 cm ',
    'kg\\cdot m',
    'e5',
    'sin',
    'log_',
  ],
  ...[
    'A. ',
    '(A) ',
    'if ',
    ', since ',
    ' (i.e',
    'f(',
    '|x|',
    '\\equiv',
    'mod ',
    'all real numbers except ',
    'inf ',
    '! ',
    '. A',
    '? ',
  ],
] as const;

const fill = (piece: string, length: number) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

describe('texts of 100,000 characters', () => {
  it.each(PIECES.map((piece) => [JSON.stringify(piece), piece]))('of %s are graded', (_, piece) => {
    const long = fill(piece, 100_000);
    for (const text of [long, `\\boxed{${long}}`, `We see.\n${long}\nso x`]) {
      const answer = extractAnswer(text, { bare: true });
      if (answer !== undefined) expect(text.slice(answer.start, answer.end)).toBe(answer.answer);
      expect(gradeAnswer('x^2+1', text, policy).outcome).toBe('incorrect');
    }
  });
});

describe('answers of the maximum length', () => {
  it.each(PIECES.map((piece) => [JSON.stringify(piece), piece]))('of %s are compared', (_, piece) => {
    for (const text of [fill(piece, 3_990), `5${fill(piece, 3_980)}5`, `The answer is ${fill(piece, 3_900)}`]) {
      expect(compareAnswers('x^2+1', text, policy).equal).not.toBe(true);
    }
  });
});

describe('huge numbers', () => {
  const towers = [
    '9^{9^{9^{9}}}',
    '10^{10^{10}}',
    '((((9!)!)!)!)!',
    '(10^9)!',
    '3000!^{3000!}',
    '\\binom{10^9}{5\\cdot 10^8}',
    '\\frac{3^{120000}+1}{2^{190000}+1}',
    '\\frac{7^{60000}}{5^{70000}}+\\frac{11^{50000}}{13^{50000}}',
    '99999999999^{99999}',
    '\\sqrt[63]{3^{120000}+1}',
    '1e99999',
    'x^{x^{x^{x^{x^{x}}}}}',
    `${'9'.repeat(1_900)}^${'9'.repeat(1_900)}`,
    `${'\\frac{'.repeat(300)}1${'}{2}'.repeat(300)}`,
    `${'('.repeat(1_900)}1${')'.repeat(1_900)}`,
    `${'\\sqrt{'.repeat(600)}2${'}'.repeat(600)}`,
    '\\tan 90^\\circ',
    '\\gcd(10^{15},10^{14}+1)',
    '(-1)^{10^{15}}',
    '1e4999+1',
  ];
  it.each(towers)('are not equal to small ones: %.40s', (tower) => {
    for (const gold of ['5', 'x^2+1', '\\{1,2\\}', '[0,2)']) {
      expect([gold, compareAnswers(gold, tower, policy).equal]).not.toEqual([gold, true]);
      expect([gold, compareAnswers(tower, gold, policy).equal]).not.toEqual([gold, true]);
    }
  });

  it('nested 10,000 deep are read as text', () => {
    for (const [open, close] of [
      ['(', ')'],
      ['{', '}'],
      ['\\sqrt{', '}'],
      ['\\left(', '\\right)'],
      ['\\begin{pmatrix}', '\\end{pmatrix}'],
    ] as const) {
      const deep = `${open.repeat(10_000)}1${close.repeat(10_000)}`;
      expect(gradeAnswer('1', deep, policy).outcome).toBe('incorrect');
      expect(gradeAnswer('1', `\\boxed{${deep}}`, policy).outcome).toBe('incorrect');
    }
  });
});
