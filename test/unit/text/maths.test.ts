import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMaths, snapToMaths } from '../../../src/core/text/index.ts';
import { absent, rows, sharedData } from './shared.ts';

const inner = (text: string): string[] =>
  findMaths(text).map(({ innerStart, innerEnd, display }) => {
    const tex = text.slice(innerStart, innerEnd);
    return display ? `[${tex}]` : tex;
  });

describe('findMaths', () => {
  test('finds every delimiter that models use for maths', () => {
    expect(inner('a \\(x\\) b $y$ c')).toEqual(['x', 'y']);
    expect(inner('\\[ x \\]\n\n$$\ny\n$$')).toEqual(['[ x ]', '[\ny\n]']);
    expect(inner('so \\begin{align}a&=b\\\\c&=d\\end{align} holds')).toEqual([
      '[\\begin{align}a&=b\\\\c&=d\\end{align}]',
    ]);
    expect(inner('The answer is \\boxed{\\frac{1}{2}}.')).toEqual(['\\boxed{\\frac{1}{2}}']);
  });

  test('ignores amounts of money', () => {
    for (const text of [
      'It costs $5 and $10 more.',
      'Apples are normally $1.99 a pound, on sale for $0.99',
      'from $20-50 to $100-200',
      'She had $5 million last year and owes 3$ now.',
      '$5/$10/$20',
      'US$5 or CA$6',
      'He paid $5. Then she paid another $7.',
      '$2,000 a year. Also 5$',
      'She earns $2,000 a year. Also 5$ a day.',
      'It costs $20. Also 5$ for a bag',
      'He gets $5 = five dollars. She gets 6$',
      'Only $5 per item plus 3$',
      'It is $5 or so, say 3$',
      'At $12/hour. Bob pays 10$',
      '$100. 50$',
      'She has $5. he has 3$',
      '$1,200; then 300$',
      '$5, then 3$',
      'It costs $5 or 6$',
      '$5+tax. Then 3$',
      '$5–$10 and 3$',
      '$4 for 3$ worth',
    ]) {
      expect(inner(text), text).toEqual([]);
    }
  });

  test('separates maths and money on one line', () => {
    expect(inner('Here is the math $2x^3$, .... $30 is enough')).toEqual(['2x^3']);
    expect(inner('Buy $1,2,3$ items for $19.99, or $4,5,6$ items for $29.99')).toEqual(['1,2,3', '4,5,6']);
    expect(inner('Cost $5, so $x=5$ and $9$ is left.')).toEqual(['x=5', '9']);
  });

  test('measures and products are maths', () => {
    expect(inner('$2x. Then y$, $5 - 3$, $5! + 3$ and $1,2,3$')).toEqual(['2x. Then y', '5 - 3', '5! + 3', '1,2,3']);
    expect(inner('$5 km per h$, $10 cm$, $2 a b$, $3 x + 4 y$, $5, 6, 7$ and $2.5$')).toEqual([
      ...['5 km per h', '10 cm', '2 a b', '3 x + 4 y', '5, 6, 7', '2.5'],
    ]);
  });

  test('ignores escapes, code and shell variables', () => {
    expect(inner('\\$5 and \\$6, Use \\\\( to start')).toEqual([]);
    expect(inner('`$x$` and ``a ` $y$`` but $z$')).toEqual(['z']);
    expect(inner('```\n$x$\n\\[y\\]\n```\n$z$')).toEqual(['z']);
    expect(inner('| $(async function(){ ... }) | a |\n| $.getJSON, $.ajax, $.get | b |')).toEqual([]);
  });

  test('an unclosed delimiter is text, and does not affect the text after it', () => {
    expect(inner('\\( x and\n\nthen \\(y\\)')).toEqual(['y']);
    expect(inner('Hello\n\n$$\nE = mc^2\n')).toEqual([]);
    expect(inner('a $$ b\n\nc $$ d $x$')).toEqual(['x']);
    expect(inner('\\begin{align} a')).toEqual([]);
    expect(inner('\\[ a \n```\nx\n```\n b \\]')).toEqual([]);
  });

  test('dollars and environments inside a formula belong to it', () => {
    expect(inner('$$\\text{where $i^2$ and $-1$ are equal}$$')).toEqual(['[\\text{where $i^2$ and $-1$ are equal}]']);
    expect(inner('\\[\\begin{cases}1\\\\2\\end{cases}\\]')).toEqual(['[\\begin{cases}1\\\\2\\end{cases}]']);
    const nested = '\\begin{array}{c}\\begin{array}{c}1\\end{array}\\end{array}';
    expect(inner(nested)).toEqual([`[${nested}]`]);
  });

  const hostile = fc.string({
    unit: fc
      .constantFrom('$', '$$', '\\', '\\(', '\\)', '\\[', '\\]', '`', '```', '\n', ' ', 'a', '5', '{', '}', '\\boxed{')
      .map(String),
    maxLength: 80,
  });

  test('ranges are in order, disjoint, within the text and contain their inner range', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
        let from = 0;
        for (const { start, end, innerStart, innerEnd } of findMaths(text)) {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(innerStart).toBeGreaterThanOrEqual(start);
          expect(innerEnd).toBeGreaterThan(innerStart);
          expect(end).toBeGreaterThanOrEqual(innerEnd);
          expect(end).toBeLessThanOrEqual(text.length);
          from = end;
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a long text of opening delimiters is read in one pass', () => {
    // Quadratic time for half a million characters would exceed the time limit of the test.
    for (const unit of [
      '$a ',
      '\\(',
      '\\[',
      '$$',
      '`',
      '``a`',
      '\\begin{align}',
      '\\boxed{',
      '\\',
      '\n\n$',
      '```\n',
      '$\n',
    ]) {
      expect(() => findMaths(unit.repeat(500_000 / unit.length))).not.toThrow();
    }
  });
});

test('a selection within a formula grows to the whole formula', () => {
  const text = 'Let $a+b=c$ and then $d$.';
  const maths = findMaths(text);
  expect(snapToMaths({ start: 6, end: 15 }, maths)).toEqual({ start: 4, end: 15 });
  expect(snapToMaths({ start: 0, end: 22 }, maths)).toEqual({ start: 0, end: 24 });
  expect(snapToMaths({ start: 4, end: 11 }, maths)).toEqual({ start: 4, end: 11 });
});

describe.skipIf(!sharedData)(`on third-party snippets${sharedData ? '' : ` (skipped: ${absent})`}`, () => {
  test('dollars that another tool treats as money are not maths, and the others are', () => {
    let compared = 0;
    const disagreed: string[] = [];
    for (const row of rows('ugly/lobeui_latex_preprocess.jsonl')) {
      const { id, input, expected } = row;
      if (row.function !== 'escapeCurrencyDollars' || typeof input !== 'string' || typeof expected !== 'string')
        continue;
      compared += 1;
      const money = dollars(input, expected);
      const inMaths = findMaths(input).flatMap(({ start, end }) => [start, end - 1]);
      const agrees =
        money.every((at) => !inMaths.includes(at)) && delimiters(input, money).every((at) => inMaths.includes(at));
      if (!agrees) disagreed.push(String(id));
    }
    console.log(`lobe-ui: ${compared - disagreed.length} of ${compared} rows agree`);
    expect(compared).toBeGreaterThan(20);
    expect(disagreed).toEqual([]);
  });

  test('snippets that broke other tools', () => {
    const wanted: Record<string, string[]> = {
      'is-4': [],
      'is-5': [],
      'is-6': ['2x^3'],
      'is-7': [],
      'is-9': [],
      'is-10': [],
      'is-12': ['[\n\\mathbf{6}]'],
      'is-13': ['E=mc^2', '[\n\\begin{pmatrix}\n1 & 2 \\\\\n3 & 4\n\\end{pmatrix}\n]'],
      'is-17': [],
      'is-19': ['[\\begin{equation}a^2+b^2=c^2\\end{equation}]'],
      'is-23': [],
      'is-38': ['x=2', 'y'],
      'is-47': ['\\boxed{1}', '\\boxed{1}'],
    };
    const found = Object.fromEntries(
      rows('ugly/issue_snippets.jsonl')
        .filter(({ id }) => String(id) in wanted)
        .map(({ id, text }) => [String(id), inner(String(text))]),
    );
    expect(found).toEqual(wanted);
  });
});

/** Offsets of the dollars of `input` that `expected` escapes. */
function dollars(input: string, expected: string): number[] {
  const found: number[] = [];
  let to = 0;
  for (let at = 0; at < input.length; at += 1, to += 1) {
    if (input[at] === '$' && expected[to] === '\\' && expected[to + 1] === '$') {
      found.push(at);
      to += 1;
    }
  }
  return found;
}

/** Offsets of the outer dollars that stay delimiters. */
function delimiters(input: string, money: number[]): number[] {
  const left = [...input.matchAll(/\$+/g)].filter(({ index }) => !money.includes(index) && input[index - 1] !== '\\');
  return left.map(({ index, 0: run }, place) => (place % 2 === 0 ? index : index + run.length - 1));
}
