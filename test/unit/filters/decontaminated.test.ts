import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mathsWords } from '../../../src/core/filters/benchmark-index.ts';
import { BenchmarkIndex } from '../../../src/core/filters/index.ts';
import { placesOf, response, resultOf } from './subjects.ts';

const SUM = 'Find the sum of all positive integers $n$ such that $n^2 + 12n - 2007$ is a perfect square.';
const benchmarks = new BenchmarkIndex([
  { id: 'b1', problem: SUM },
  { id: 'b2', problem: 'Too short to tell.' },
]);

describe('decontaminated', () => {
  it('fails for a problem or a text that shares eight words with a benchmark problem', () => {
    const copied = response('It is easy.', { problem: `${SUM} Give it modulo 7.` });
    expect(resultOf('decontaminated', copied, {}, { benchmarks })).toMatchObject({ passed: false, value: 'b1' });
    const words = 'find the Sum of all positive integers \\(n\\) such';
    const restated = response(`The task is to ${words} a number.`, { problem: 'Which one?' });
    const result = resultOf('decontaminated', restated, {}, { benchmarks });
    expect(placesOf(restated, result)).toEqual(['find the Sum of all positive integers \\(n\\) such']);
  });

  it('passes for seven words and for an equation that many problems share', () => {
    const seven = response('We find the sum of all positive integers here.', { problem: 'Which one?' });
    expect(resultOf('decontaminated', seven, {}, { benchmarks })?.passed).toBe(true);
    const circles = new BenchmarkIndex([
      { id: 'c', problem: 'Draw the curve $x^2 + y^2 - 4x + 6y - 12 = 0$.' },
      { id: 'b1', problem: SUM },
    ]);
    expect(resultOf('decontaminated', response('$x^2+y^2-4x+6y-12=0$'), {}, { benchmarks: circles })?.passed).toBe(
      true,
    );
  });

  it('does not depend on case, spaces or delimiters of maths', () => {
    const other = 'FIND the sum of all positive integers \\( n \\) such that \\[ n^2+12n-2007 \\] is a perfect square';
    expect(mathsWords(other).map(({ word }) => word)).toEqual(mathsWords(SUM).map(({ word }) => word));
    expect(mathsWords('\\dfrac{1}{2} × 3').map(({ word }) => word)).toEqual(['\\frac{1}{2}\\times3']);
  });

  it('does not run without benchmarks', () => {
    expect(resultOf('decontaminated', response(SUM))).toBeUndefined();
    expect(resultOf('decontaminated', response(SUM), {}, { benchmarks: new BenchmarkIndex([]) })).toBeUndefined();
  });

  it('finds the same as comparing all runs of eight words', () => {
    const sentence = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 40 });
    const grams = (words: readonly string[]): string[] => words.slice(7).map((_, i) => words.slice(i, i + 8).join(' '));
    fc.assert(
      fc.property(fc.array(sentence, { maxLength: 5 }), sentence, (problems, text) => {
        const index = new BenchmarkIndex(problems.map((words, i) => ({ id: `p${i}`, problem: words.join(' ') })));
        const known = new Set(problems.flatMap(grams));
        const first = grams(text).findIndex((gram) => known.has(gram));
        const hit = index.find(text.join(' '));
        expect(hit?.start).toBe(first < 0 ? undefined : first * 2);
        if (hit)
          expect(problems[Number(hit.id.slice(1))]?.join(' ')).toContain(text.join(' ').slice(hit.start, hit.end));
      }),
    );
  });
});
