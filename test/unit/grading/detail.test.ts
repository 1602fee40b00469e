import { describe, expect, it } from 'vitest';
import { compareAnswers, gradeAnswer } from '../../../src/core/grading/index.ts';
import { GradingPolicy, type Method } from '../../../src/core/schemas/index.ts';

const policy = GradingPolicy.parse({});

/** One row for each kind of reason, as a curator reads it beside the verdict. */
const SENTENCES: readonly (readonly [
  gold: string,
  prediction: string,
  equal: boolean,
  method: Method,
  detail: string,
])[] = [
  ['5', '5', true, 'text', 'Both are written 5.'],
  ['0.5', '\\frac12', true, 'number', 'Both are 1/2.'],
  ['5', '6', false, 'number', '6 is not 5.'],
  ['1/3', '0.33', false, 'number', '0.33 is not 0.3333333333333333.'],
  ['2\\sqrt2', '\\sqrt8', true, 'number', 'Both are 2.82843….'],
  ['\\ln 2', '0.693147', true, 'expression', 'Both are 0.693147…, within 0.000001.'],
  ['x^2', 'x^3', false, 'expression', 'At x = 1.19826 the answer is 1.72049 and the gold 1.43582.'],
  [
    'x+1000000000001',
    'x+1000000000000',
    false,
    'expression',
    'At x = 7/3 the answer is 3000000000007/3 and the gold 3000000000010/3.',
  ],
  ['\\infty', '5', false, 'expression', 'Only one is infinite, or their signs differ.'],
  ['\\{1,2\\}', '\\{2,1\\}', true, 'set', 'The same 2 entries, in any order.'],
  ['\\{1,2\\}', '\\{1,3\\}', false, 'set', 'The answer has no entry that equals 2.'],
  ['\\{1,2\\}', '\\{1\\}', false, 'set', 'The gold has 2 entries, the answer 1 entry.'],
  ['no solution', '\\emptyset', true, 'set', 'Both are empty.'],
  ['(1,2)', '(2,1)', false, 'tuple', 'Entry 1 differs: 2 is not 1.'],
  ['[1,2)', '[1,2]', false, 'interval', 'The upper ends differ: 2 (closed) is not 2 (open).'],
  ['x>2', '(2,\\infty)', true, 'interval', 'Both ends are equal, and open or closed alike.'],
  ['(0,1)\\cup(2,3)', '(2,3)\\cup(0,1)', true, 'interval', 'The same pieces of the line.'],
  [
    '2x+3y=6',
    '4x+6y=12',
    true,
    'equation',
    'One is the other with its terms moved or both sides multiplied by a number.',
  ],
  ['y=2x', 'y=3x', false, 'equation', 'y=3x and y=2x are not equivalent.'],
  [
    '\\begin{pmatrix}1\\\\2\\end{pmatrix}',
    '\\begin{bmatrix}1\\\\3\\end{bmatrix}',
    false,
    'matrix',
    'The entry in row 2, column 1 differs.',
  ],
  ['3:4:5', '6:8:10', true, 'ratio', 'The terms are in the same proportion.'],
  ['1011_2', '1010_2', false, 'numeral', 'The digits differ: 1010 and 1011.'],
  [
    'k\\pi,k\\in\\mathbb{Z}',
    '2k\\pi,k\\in\\mathbb{Z}',
    false,
    'family',
    'A value of one family is missing from the other.',
  ],
  ['2:30 pm', '14:30', true, 'time', 'The same time of day.'],
  ['July 4', '5 July', false, 'date', 'July 5 is not July 4.'],
  ['B', '(C)', false, 'choice', 'The choice is C, not B.'],
  ['Evelyn', 'Tom', false, 'text', 'The words differ: “Tom” is not “Evelyn”.'],
  ['5', '5, 6', false, 'number', 'The gold has 1 entry, the answer 2 entries; 6 is not 5.'],
];

describe('the reason of a verdict', () => {
  it.each(SENTENCES)('%s against %s', (gold, prediction, equal, method, detail) => {
    expect(compareAnswers(gold, prediction, policy)).toMatchObject({ equal, method, detail });
    expect(gradeAnswer(gold, `\\boxed{${prediction}}`, policy)).toMatchObject({ method, detail });
  });

  it('is short for answers of any length', () => {
    const [gold, prediction] = ['1,'.repeat(1_500), '1,'.repeat(1_400)].map((text) => `\\{${text}2\\}`);
    const { detail } = compareAnswers(gold ?? '', prediction ?? '', policy);
    expect(detail.length).toBeLessThanOrEqual(300);
  });
});
