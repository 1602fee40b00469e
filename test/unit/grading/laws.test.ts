import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { answersAgree, compareAnswers, gradeAnswer, normaliseAnswer } from '../../../src/core/grading/index.ts';
import { GradingPolicy } from '../../../src/core/schemas/index.ts';

// Many cases can be slow on a busy machine. These tests don't measure time.
vi.setConfig({ testTimeout: 60_000 });

const policy = GradingPolicy.parse({});
const integer = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
const nonZero = fc.integer({ min: 1, max: 100_000 });

/** Small polynomials and what evaluates them, so that a law can be checked against plain arithmetic. */
const polynomial = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 5 });
const written = (coefficients: readonly number[]) => coefficients.map((c, i) => `(${c})x^{${i}}`).join('+');

/** Answers as models write them. Arbitrary token soup (`4 cm cm 3 cm`) is no answer and has no such law. */
const atom = fc.constantFrom(
  '\\frac{1}{2}',
  '3',
  '1,000',
  '2x',
  '\\sqrt{2}',
  '\\dfrac{3}{4}',
  '0.5',
  '\\left(x+1\\right)',
  '7^{2}',
);
const expression = fc
  .tuple(atom, fc.array(fc.tuple(fc.constantFrom(' + ', '-', ' \\cdot ', '\\times '), atom), { maxLength: 3 }))
  .map(([first, more]) => first + more.map((pair) => pair.join('')).join(''));
/** Prose around an answer that doesn't change it. */
const edge = fc.constantFrom('', ' ', ',', '.', ';', ',.', '**', ' ** ', '.,');
/** Prose before an answer, without a point that could belong to the number after it. */
const lead = fc.constantFrom('', ' ', ',', ';', '**', ' ** ', '.,');
const answer = fc
  .tuple(
    fc.array(expression, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', '\\text{ cm}', '\\%', '^\\circ', ' apples', ' dollars'),
    fc.constantFrom(['', ''], ['$', '$'], ['\\boxed{', '}'], ['\\(', '\\)'], ['\\{', '\\}'], ['**', '**']),
    lead,
    edge,
  )
  .map(([list, unit, [open, close], before, after]) => `${before}${open}${list.join(', ')}${unit}${close}${after}`);

describe('laws of comparing', () => {
  it('an integer equals itself with separators, zeros, a decimal point', () => {
    fc.assert(
      fc.property(integer, (n) => {
        const [sign, digits] = n < 0n ? ['-', String(-n)] : ['', String(n)];
        const grouped = digits.replace(/\B(?=(\d{3})+$)/g, ',');
        for (const other of [`${sign}${grouped}`, `${sign}00${digits}`, `${sign}${digits}.000`, `$${n}$`]) {
          expect([other, answersAgree(String(n), other, policy)]).toEqual([other, true]);
        }
        expect(answersAgree(String(n), String(n + 1n), policy)).toBe(false);
      }),
    );
  });

  it('a whole number is compared as the same number in delimiters', () => {
    const whole = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map(String);
    const other = fc.oneof(whole, fc.constantFrom('0', '12', '1230', '20240101'));
    fc.assert(
      fc.property(whole, other, (gold, prediction) => {
        expect(normaliseAnswer(gold, policy)).toBe(normaliseAnswer(`$${gold}$`, policy));
        const [bare, delimited] = [gold, `$${gold}$`].map((one) => compareAnswers(one, prediction, policy));
        expect(bare).toEqual(delimited);
      }),
    );
  });

  it('a fraction equals its expanded forms and no neighbouring fraction', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), nonZero, nonZero, (a, b, k) => {
        expect(answersAgree(`\\frac{${a}}{${b}}`, `${a * k}/${b * k}`, policy)).toBe(true);
        expect(answersAgree(`${a}/${b}`, `\\dfrac{${a * 7 + 1}}{${b * 7}}`, policy)).toBe(false);
      }),
    );
  });

  it('a polynomial equals itself in another order, and no other polynomial', () => {
    fc.assert(
      fc.property(polynomial, fc.nat({ max: 4 }), (coefficients, at) => {
        const gold = written(coefficients);
        const reversed = coefficients
          .map((c, i) => `${c}*x^${i}`)
          .reverse()
          .join(' + ');
        expect([reversed, answersAgree(gold, reversed, policy)]).toEqual([reversed, true]);
        const changed = [...coefficients];
        changed[at % changed.length] = (changed[at % changed.length] ?? 0) + 1;
        expect([gold, answersAgree(gold, written(changed), policy)]).toEqual([gold, false]);
      }),
    );
  });

  it('a set equals its permutations', () => {
    const entries = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        entries.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([a, b]) => {
          expect(answersAgree(`\\{${a.join(', ')}\\}`, `\\{${b.join(', ')}\\}`, policy)).toBe(true);
        },
      ),
    );
  });

  it('normalising a normal form changes nothing, also with marks, units and delimiters around it', () => {
    fc.assert(
      fc.property(answer, (text) => {
        const once = normaliseAnswer(text, policy);
        expect([text, normaliseAnswer(once, policy)]).toEqual([text, once]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('marks, units and delimiters around an answer do not change it', () => {
    fc.assert(
      fc.property(
        expression,
        lead,
        fc.constantFrom('', '\\text{ cm}', ' meters', '\\text{ cm}^{2}'),
        edge,
        (text, before, unit, after) => {
          expect(normaliseAnswer(`${before}${text}${unit}${after}`, policy)).toBe(normaliseAnswer(text, policy));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  const readable = fc.oneof(
    expression,
    fc.tuple(expression, expression).map(([a, b]) => `(${a}, ${b})`),
    fc.tuple(expression, expression).map(([a, b]) => `\\{${a}, ${b}\\}`),
    fc.tuple(expression, expression).map(([a, b]) => `${a}, ${b}`),
    fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 })).map(([a, b]) => `[${a}, ${a + b}) \\cup \\{${a + b + 2}\\}`),
    fc.nat({ max: 9 }).map((a) => `x \\le ${a}`),
    fc.nat({ max: 9 }).map((a) => `|x - ${a}| > 2`),
    fc.tuple(fc.nat({ max: 9 }), expression).map(([a, b]) => `y = ${a}x + ${b}`),
    fc.tuple(expression, expression).map(([a, b]) => `\\begin{pmatrix} ${a} \\\\ ${b} \\end{pmatrix}`),
    fc.tuple(expression, expression).map(([a, b]) => `\\begin{cases} ${a} & x > 0 \\\\ ${b} & x \\le 0 \\end{cases}`),
    fc.integer({ min: 1, max: 12 }).map((a) => `\\frac{\\pi}{${a}} + k\\pi, k \\in \\mathbb{Z}`),
    fc.integer({ min: 1, max: 12 }).map((hour) => `${hour}:15 \\text{ p.m.}`),
    fc.integer({ min: 1, max: 28 }).map((day) => `June ${day}`),
    fc.constantFrom(
      '\\text{Evelyn}',
      'no solution',
      '(B)',
      '\\pm 3',
      '1011_2',
      '3:4:5',
      '2.5 \\text{ million}',
      '0.1\\overline{6}',
    ),
  );

  it('every readable answer equals itself, with a reason', () => {
    fc.assert(
      fc.property(readable, (text) => {
        const { equal, detail } = compareAnswers(text, text, policy);
        expect([text, equal]).toEqual([text, true]);
        expect(detail).toMatch(/[.…]$/);
      }),
    );
  });

  it('equality is symmetric, and every verdict has a reason', () => {
    fc.assert(
      fc.property(readable, readable, (a, b) => {
        const [there, back] = [compareAnswers(a, b, policy), compareAnswers(b, a, policy)];
        expect([a, b, there.equal]).toEqual([a, b, back.equal]);
        expect([a, b, there.detail]).toEqual([a, b, expect.stringMatching(/[.…]$/)]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('normalising is idempotent for all shapes', () => {
    fc.assert(
      fc.property(readable, (text) => {
        const once = normaliseAnswer(text, policy);
        expect([text, normaliseAnswer(once, policy)]).toEqual([text, once]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('another spelling of an answer equals it', () => {
    const rewriting = fc.constantFrom<(text: string) => string>(
      (text) => text.replace(/\(/g, '\\left(').replace(/\)/g, '\\right)'),
      (text) => text.replace(/\\[dt]?frac/g, '\\dfrac'),
      (text) => text.replace(/ /g, '\\, '),
      (text) => `$${text}$`,
      (text) => `\\boxed{${text}}`,
      (text) => `\\displaystyle ${text}.`,
      (text) => text.replace(/\\le /g, '\\leq '),
      (text) => text.replace(/pmatrix/g, 'bmatrix'),
      (text) => text.replace(/\\sqrt\{2\}/g, '\\sqrt2'),
      (text) => text.replace(/\b3\b/g, '3.0'),
    );
    fc.assert(
      fc.property(readable, rewriting, (text, rewrite) => {
        // Choices, numerals, ratios, times and dates have their own digits.
        fc.pre(!/^\(B\)|_2|:|June/.test(text));
        expect([rewrite(text), compareAnswers(text, rewrite(text), policy).equal]).toEqual([rewrite(text), true]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a changed number changes the answer, in every shape', () => {
    const shapes = fc.constantFrom<(n: number) => string>(
      (n) => `${n}`,
      (n) => `\\frac{${n}}{7}`,
      (n) => `${n}\\sqrt{2}`,
      (n) => `x^2 + ${n}x + 1`,
      (n) => `(1, ${n})`,
      (n) => `\\{-1, ${n}\\}`,
      (n) => `[-1, ${n})`,
      (n) => `x > ${n}`,
      (n) => `|x| > ${n}`,
      (n) => `y = ${n}x + 3`,
      (n) => `x^2 + y^2 = ${n}`,
      (n) => `\\begin{pmatrix} 1 \\\\ ${n} \\end{pmatrix}`,
      (n) => `\\begin{cases} x & x > ${n} \\\\ 0 & \\text{otherwise} \\end{cases}`,
      (n) => `${n} \\text{ million}`,
      (n) => `0.\\overline{${n}}`,
      (n) => `${n}i + 2`,
      (n) => `${n}:7`,
      (n) => `\\text{Team } ${n}`,
      (n) => `\\frac{\\pi}{${n + 1}} + k\\pi, k \\in \\mathbb{Z}`,
    );
    const number = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(shapes, number, number, (write, a, b) => {
        expect([write(a), write(b), answersAgree(write(a), write(b), policy)]).toEqual([write(a), write(b), a === b]);
      }),
      { numRuns: 1_000 },
    );
  });

  /** A shape with a number in it, in two spellings: equal for the same number, and never for another. */
  const respelled = fc.constantFrom<(n: number) => [string, string]>(
    (n) => [`2^a ${n + 2}^b`, `${n + 2}^{b} \\cdot 2^{a}`],
    (n) => [`(x+${n})3`, `3x + ${3 * n}`],
    (n) => [`\\sqrt{2}${n}`, `${n}\\sqrt{2}`],
    (n) => [`k(k+${n})2^k`, `2^k(k^2+${n}k)`],
    (n) => [`(x-b)^{${1001 + 2 * n}}`, `-(b-x)^{${1001 + 2 * n}}`],
    (n) => [`(x-b)^{${60_001 + 2 * n}}`, `-(b-x)^{${60_001 + 2 * n}}`],
    (n) => [`\\{${n}00,${n}50\\}`, `${n}00, ${n}50`],
    (n) => [`${n}0\\sim 99`, `[${n}0, 99]`],
    (n) => [`${n}\\ \\mathrm{m\\,s^{-1}}`, `${n} m/s`],
    (n) => [`The smallest possible value is ${n}`, `${n}`],
    (n) => [`f(x)=${n}x \\text{ for all } x \\in \\mathbb{Z}`, `f(x)=${n}x`],
    (n) => [`\\frac{1}{x-${n}} \\text{ for } x \\ne ${n}`, `\\frac{1}{x-${n}}`],
    (n) => [`log(x,${n + 1})`, `\\log_{${n + 1}} x`],
    (n) => [`binomial(m+${n},2)`, `\\frac{(m+${n})(m+${n}-1)}{2}`],
    (n) => [`Matrix([[${n},0],[1,2]])`, `\\begin{pmatrix}${n}&0\\\\1&2\\end{pmatrix}`],
    (n) => [`ab = ${n}`, `b = ${n}/a`],
    (n) => [`${n}ix + y = 0`, `${n}x - iy = 0`],
    (n) => [`\\begin{aligned} x &= ${n} \\\\ y &= 2 \\end{aligned}`, `x = ${n}, y = 2`],
    (n) => [`(9, \\pm ${n})`, `(9, ${n}), (9, -${n})`],
    (n) => [`${n}^{th} \\text{ floor}`, `${n}`],
    (n) => [`rac{${n}}{11}`, `\\frac{${n}}{11}`],
    (n) => [`smallest: ${n}, largest: 99`, `${n}, 99`],
    (n) => [`x = \\frac{\\pi}{${n + 1}} + 2k\\pi`, `x = \\frac{\\pi}{${n + 1}} + 2n\\pi`],
    (n) => [`y = C_1 e^{${n}x} + C_2 e^{-x}`, `y = A e^{${n}x} + B e^{-x}`],
    (n) => [`${n}0^\\circ`, `\\frac{${n}\\pi}{18}`],
  );

  it('another notation of a number equals it, and of another number does not', () => {
    const number = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(respelled, number, number, (write, a, b) => {
        const [gold, other] = [write(a)[0], write(b)[1]];
        expect([gold, other, answersAgree(gold, other, policy)]).toEqual([gold, other, a === b]);
      }),
      { numRuns: 1_500 },
    );
  });

  it('a changed sign of an exponent or of a term changes the answer', () => {
    const signed = fc.constantFrom<(sign: string) => string>(
      (sign) => `9.8\\times 10^{${sign}4}`,
      (sign) => `y = Ce^{${sign}2x}`,
      (sign) => `\\frac{\\pi}{6} ${sign === '' ? '+' : '-'} \\frac{\\pi}{4}k + 1`,
      (sign) => `ab = ${sign}6`,
      (sign) => `2^n3^{${sign}m}`,
      (sign) => `y'' ${sign === '' ? '+' : '-'} y = 0`,
    );
    fc.assert(
      fc.property(signed, (write) => {
        expect([write(''), answersAgree(write(''), write('-'), policy)]).toEqual([write(''), false]);
      }),
    );
  });

  it('other names never make different formulas of two letters equal', () => {
    const letters = fc.uniqueArray(fc.constantFrom('k', 'm', 'n', 'C', 'A', 'K'), { minLength: 2, maxLength: 2 });
    const formulas = fc.constantFrom<(a: string, b: string) => string>(
      (a, b) => `(${a}, 2${b})`,
      (a, b) => `x = ${a} + 2${b}`,
      (a, b) => `y = ${a}x^2 + ${b}x^3`,
      (a, b) => `\\frac{${a}\\pi}{${b}}`,
      (a, b) => `${a}^2${b}`,
    );
    fc.assert(
      fc.property(formulas, letters, (write, [a = '', b = '']) => {
        const [there, back] = [write(a, b), write(b, a)];
        expect([there, back, answersAgree(there, back, policy)]).toEqual([there, back, false]);
      }),
    );
  });

  it('no answer causes an exception', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .array(
          fc.constantFrom(
            '\\frac',
            '{',
            '}',
            '\\left',
            '(',
            ')',
            '[',
            ']',
            '\\begin{pmatrix}',
            '\\end{pmatrix}',
            '&',
            '\\\\',
            '^',
            '_',
            '!',
            '9',
            '\\pm',
            '\\cup',
            '=',
            '<',
            ',',
            ';',
            '%',
            '\\sqrt',
            '|',
            '\\sum',
            '\ud800',
          ),
          { maxLength: 40 },
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, hostile, (gold, prediction) => {
        const verdict = gradeAnswer(gold, prediction, policy);
        expect(['correct', 'incorrect', 'unknown']).toContain(verdict.outcome);
        expect(typeof compareAnswers(gold, prediction, policy).method).toBe('string');
      }),
      { numRuns: 1_500 },
    );
  });
});
