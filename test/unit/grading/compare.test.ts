import { describe, expect, it, vi } from 'vitest';
import { loadEngine } from '../../../src/core/grading/engine.ts';
import { answersAgree, compareAnswers } from '../../../src/core/grading/index.ts';
import { GradingPolicy } from '../../../src/core/schemas/index.ts';

// Many cases can be slow on a busy machine. These tests don't measure time.
vi.setConfig({ testTimeout: 60_000 });

const policy = GradingPolicy.parse({});
type Row = readonly [gold: string, prediction: string];

function equal(rows: readonly Row[], method?: string): void {
  for (const [gold, prediction] of rows) {
    const comparison = compareAnswers(gold, prediction, policy);
    expect({ gold, prediction, equal: comparison.equal }).toEqual({ gold, prediction, equal: true });
    if (method !== undefined && comparison.method !== 'text') expect([gold, comparison.method]).toEqual([gold, method]);
  }
}

function different(rows: readonly Row[]): void {
  for (const [gold, prediction] of rows) {
    const comparison = compareAnswers(gold, prediction, policy);
    expect({ gold, prediction, equal: comparison.equal }).toEqual({ gold, prediction, equal: false });
    expect(comparison.detail).not.toBe('');
  }
}

describe('numbers', () => {
  it('are equal in every spelling', () => {
    equal(
      [
        ['12', '12.0'],
        ['12', '0012'],
        ['-3', '−3'],
        ['0.5', '.50'],
        ['1/2', '\\dfrac{1}{2}'],
        ['-\\frac{3}{4}', '\\frac{-3}4'],
        ['3\\frac{1}{2}', '7/2'],
        ['3 1/2', '3.5'],
        ['0.\\overline{3}', '1/3'],
        ['0.1\\overline{6}', '\\frac16'],
        ['1,234,567', '1234567'],
        ['12{,}345', '12 345'],
        ['2.5\\times10^{-3}', '0.0025'],
        ['6.02 \\cdot 10^{23}', '6.02e23'],
        ['\\$18.00', '$18'],
        ['18', '18 dollars'],
        ['90^\\circ', '90 degrees'],
        ['15\\mbox{ cm}^2', '15'],
        ['8', '８'],
        ['\\frac{1}{2}', '½'],
        ['1.22', '1,22'],
        ['11\\text{th}', '11'],
      ],
      'number',
    );
  });

  it('are different when their values are', () => {
    different([
      ['7', '8'],
      ['1/3', '0.33'],
      ['0', '10^{-9}'],
      ['10^{100}', '10^{100}+1'],
      ['1000000', '1000001'],
      ['16386.20', '16386.17'],
      ['12345678901234567890', '12345678901234567891'],
      ['5', '5!'],
      ['1', '1,000'],
      ['32349', '32, 349'],
      ['1', '2^{2^{2^{49}}}'],
    ]);
  });

  it('in a base have their digits compared', () => {
    equal([
      ['204_5', '204_{5}'],
      ['204_5', '204'],
    ]);
    different([
      ['204_5', '54'],
      ['204_5', '204_6'],
    ]);
  });
});

describe('expressions', () => {
  it('are equal when they are the same function or constant', () => {
    equal(
      [
        ['x^2-1', '(x-1)(x+1)'],
        ['\\frac{x+2}{7}', '\\frac{x}{7}+\\frac{2}{7}'],
        ['\\tan^2 y+1', '\\sec^2(y)'],
        ['2\\sin b\\cos a', '\\sin(a+b)-\\sin(a-b)'],
        ['\\frac{\\sqrt2}{2}', '\\frac{1}{\\sqrt{2}}'],
        ['\\sqrt{2} + \\frac{1}{2} + 1000 \\cdot 1000', '\\sqrt2 + \\frac{1}{2} + 1000 \\cdot 1000'],
        ['5\\sqrt{2}', '√50'],
        ['\\log_2 8', '3'],
        ['\\arctan 1', '\\pi/4'],
        ['\\sin 30^\\circ', '\\frac12'],
        ['|x|', '\\sqrt{x^2}'],
        ['(1+i)^2', '2i'],
        ['e^{i\\pi}', '-1'],
        ['\\binom{5}{2}', '10'],
        ['\\lfloor 3.7\\rfloor', '3'],
        ['2024^{4046}', '2024^{4000}\\cdot 2024^{46}'],
        ['24+6\\cos(4)', '24 + 6cos 4'],
        ['\\frac{1}{\\sqrt[3]{x}^2}', 'x^{-2/3}'],
        ['96-10\\sqrt{21}', '\\frac{6\\sqrt{1789-240\\sqrt{21}}+8\\sqrt{1236-240\\sqrt{21}}}{5}'],
        ['f(x+1)', 'f(1+x)'],
        ['n!', '\\Gamma(n+1)'],
      ],
      undefined,
    );
  });

  it('are different when any part differs', () => {
    different([
      ['x', '\\sqrt{x^2}'],
      ['x', 'y'],
      ['x^2+2x+1', 'x^3+2x+1'],
      ['-\\frac{\\pi}{3}', '\\frac{5\\pi}{3}'],
      ['1-\\frac{1}{e}', '1+\\frac{1}{e}'],
      ['\\pi', '3.14'],
      ['f(x)', 'f(y)'],
      ['(a+5)(b+2)', '(+5)(b+2)'],
      ['e^{-60}', '0'],
    ]);
  });

  it('that need the compute engine are decided with it, and reported as undecided without it', async () => {
    const [gold, prediction] = ['\\frac{n(n+1)}{2}', '\\sum_{k=1}^{n} k'];
    expect(compareAnswers(gold, prediction, policy)).toMatchObject({ equal: undefined, needsEngine: true });
    const engine = await loadEngine();
    expect(compareAnswers(gold, prediction, policy, engine)).toMatchObject({ equal: true, method: 'expression' });
    expect(compareAnswers('\\frac{1}{3}', '\\int_0^1 x^2\\,dx', policy, engine).equal).toBe(true);
    expect(compareAnswers('\\frac{1}{4}', '\\int_0^1 x^2\\,dx', policy, engine).equal).toBe(false);
    expect(compareAnswers('n^2', prediction, policy, engine).equal).toBe(false);
    expect(compareAnswers('x^2+1', '((((9!)!)!)!)!', policy, engine).equal).toBe(false);
    // Without a limit, multiplying complex numbers this often takes hours.
    expect(compareAnswers('(1+i)^{-100000000000000}', '0', policy, engine).equal).not.toBe(true);
    expect(compareAnswers('1', '\\prod', policy, engine).equal).toBe(false);
    expect(compareAnswers('1', '\\prod\\prod_10^{9}!', policy, engine).equal).toBe(false);
  });
});

describe('sets, tuples, lists', () => {
  it('are equal entry by entry', () => {
    equal([
      ['\\{1,2\\}', '\\{2, 1\\}'],
      ['1,-2', '-2 \\text{ and } 1'],
      ['\\pm 6', '6, -6'],
      ['1\\pm\\sqrt2', '1-\\sqrt{2},\\ 1+\\sqrt{2}'],
      ['(3, \\frac{\\pi}{2})', '\\left(3,\\tfrac{\\pi}{2}\\right)'],
      ['(p,q)=(3,2)', '(3,2)'],
      ['x=1, y=2', 'y=2, x=1'],
      ['x=1, y=2', '(1,2)'],
      ['x_1=1, x_2=2', '2, 1'],
      ['p=5,q=2;p=7,q=2', '(5,2),(7,2)'],
      ['p=5, q=2 \\text{ and } p=7, q=2', '(7,2),(5,2)'],
      ['(2,1),(1,2)', '(1,2),(2,1)'],
      ['\\frac{7}{2}', '\\boxed{3\\frac{1}{2}} or \\boxed{3.5}'],
      ['\\emptyset', '\\varnothing'],
    ]);
  });

  it('are different when an entry, a count or the order is', () => {
    different([
      ['(1,2)', '(2,1)'],
      ['\\{1,2\\}', '\\{1,2,3\\}'],
      ['\\{1,2\\}', '(1,2)'],
      ['\\pm 2021', '2021'],
      ['x=1, y=2', 'x=2, y=1'],
      ['\\sqrt{67},-\\sqrt{85}', '\\sqrt{67}'],
    ]);
  });
});

describe('intervals', () => {
  it('are equal when their ends are equal, also as inequalities', () => {
    equal([
      ['[0,\\infty)', 'x \\ge 0'],
      ['(-\\infty,3]', 'x\\leq 3'],
      ['-2\\le x\\le 7', 'x\\in[-2,7]'],
      ['(\\frac35,\\frac83]', '(0.6, 8/3]'],
      ['(-\\infty,-8)\\cup(8,\\infty)', '(8,+\\infty) \\cup (-\\infty,-8)'],
      ['\\{-1\\}\\cup[0,7)', '[0,7) \\cup \\{-1\\}'],
      ['(-\\infty,1)\\cup(2,\\infty)', 'x < 1 or x > 2'],
      ['(-\\infty,0)\\cup(0,\\infty)', 'x \\ne 0'],
      ['\\mathbb{R}', '(-\\infty,\\infty)'],
      ['x > 2', '2 < x'],
      ['x < 1', '-x > -1'],
    ]);
  });

  it('are different when an end is open on one side only', () => {
    different([
      ['(0,1)', '[0,1)'],
      ['[0,9)', '[0,1)'],
      ['x>2', 'x\\ge2'],
      ['x > 5', 'x < 5'],
      ['D=(0,1)', 'D=(0,1.5)'],
    ]);
  });
});

describe('matrices', () => {
  const gold = '\\begin{pmatrix} 1/\\sqrt{2} & 2 \\\\ 3 & 4 \\end{pmatrix}';
  it('are equal entry by entry in any brackets', () => {
    equal([[gold, '\\begin{bmatrix}\\frac{\\sqrt2}{2}&2\\\\3&4\\end{bmatrix}']], 'matrix');
    equal([['\\begin{pmatrix}1\\\\2\\end{pmatrix}', '(1,2)']], 'matrix');
  });
  it('are different in one entry or in shape', () => {
    different([
      [gold, '\\begin{pmatrix} 1/\\sqrt{2} & 2 \\\\ 3 & 5 \\end{pmatrix}'],
      ['\\begin{pmatrix}1&2\\end{pmatrix}', '\\begin{pmatrix}1\\\\2\\end{pmatrix}'],
    ]);
  });
});

describe('equations and assignments', () => {
  it('are equal when they state the same value or the same curve', () => {
    equal([
      ['x=5', '5'],
      ['5', 'x = 5'],
      ['y=2x+3', '2x+3'],
      ['11', 'x = 5+6 = 11'],
      ['1/3', 'x=1/3\\approx0.33'],
      ['0.5', '1/2 \\approx 0.5'],
      ['f(x)=x+1', 'x+1'],
      ['74^\\circ', '\\angle APC = 74^\\circ'],
      ['2x+4y-3=0', 'y=-\\frac{1}{2}x+\\frac{3}{4}'],
      ['x^2/4 + y^2/3 = 1', 'x^2/16 + y^2/12 = 1/4'],
      ['V_1:V_2=11:21', '11:21'],
    ]);
  });

  it('are not values when they name nothing', () => {
    different([
      ['2x+z=1', '1'],
      ['7=11a+c', '11a+c'],
      ['3x+2y=6', '3x+2y=7'],
      ['n=2,3,4', 'n=1,2,3'],
    ]);
  });
});

describe('choices and words', () => {
  it('are compared as choices and as words', () => {
    equal(
      [
        ['C', '\\text{(C)}'],
        ['C', '(C) 12'],
        ['(D) Alina', 'D'],
        ['\\textbf{(E)}', 'E'],
      ],
      'choice',
    );
    equal([
      ['\\text{Evelyn}', 'evelyn'],
      ['\\text{No}', 'no'],
      ['\\text{no solution}', 'No solution.'],
    ]);
    different([
      ['C', 'D'],
      ['C', 'c'],
      ['odd', 'oddd'],
      ['\\text{Evelyn}', 'Evelny'],
      ['12:00', '1:00'],
    ]);
  });
});

describe('policies', () => {
  const agree = (over: Partial<GradingPolicy>, gold: string, prediction: string) =>
    answersAgree(gold, prediction, { ...policy, ...over });

  it('of percent ignore the sign, convert it, or require it', () => {
    expect(agree({ percent: 'ignore' }, '50\\%', '50')).toBe(true);
    expect(agree({ percent: 'ignore' }, '50\\%', '0.5')).toBe(false);
    expect(agree({ percent: 'convert' }, '50\\%', '0.5')).toBe(true);
    expect(agree({ percent: 'convert' }, '50\\%', '50')).toBe(false);
    expect(agree({ percent: 'convert' }, '0.25', '25 percent')).toBe(true);
    expect(agree({ percent: 'require' }, '50\\%', '50')).toBe(false);
    expect(agree({ percent: 'require' }, '12.5\\%', '\\frac{25}{2} percent')).toBe(true);
  });

  it('of units ignore or require them', () => {
    expect(agree({ units: 'ignore' }, '15 cm', '15')).toBe(true);
    expect(agree({ units: 'require' }, '15 cm', '15')).toBe(false);
    expect(agree({ units: 'require' }, '15 cm', '15\\text{ centimeters}')).toBe(true);
    expect(agree({ units: 'require' }, '15 cm', '15 m')).toBe(false);
    expect(agree({ units: 'require' }, '15\\text{ cm}^2', '15 cm')).toBe(false);
    expect(agree({ units: 'require' }, '\\$5', '5 dollars')).toBe(true);
  });

  it('of thousands join them, or keep a bare comma as a list separator', () => {
    expect(agree({ thousands: 'join' }, '1234', '1,234')).toBe(true);
    expect(agree({ thousands: 'keep' }, '1234', '1,234')).toBe(false);
    expect(agree({ thousands: 'keep' }, '1, 234', '1,234')).toBe(true);
    expect(agree({ thousands: 'keep' }, '1234', '1{,}234')).toBe(true);
  });

  it('of tolerance and order change what is equal', () => {
    expect(agree({ relativeTolerance: 1e-6 }, '1/3', '0.3333333')).toBe(true);
    expect(agree({ relativeTolerance: 0 }, '1/3', '0.3333333')).toBe(false);
    expect(agree({ relativeTolerance: 0.01 }, '\\pi', '3.14')).toBe(true);
    expect(agree({ orderedTuples: false }, '(1,2)', '(2,1)')).toBe(true);
  });
});

describe('a gold that can’t be read', () => {
  it.each([
    '',
    '   ',
    '\\frac{1}{2',
    'x'.repeat(5_000),
    'Let us assume that the value of the stock falls by ten percent on every single day of the week.',
  ])('makes the comparison unknown: %.20s', (gold) => {
    const comparison = compareAnswers(gold, '1', policy);
    expect(comparison.equal).toBeUndefined();
    expect(comparison.detail).toMatch(/gold/);
  });
});
