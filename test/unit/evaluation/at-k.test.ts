import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { majorityAtK, passAtK } from '../../../src/core/evaluation/index.ts';
import { sample } from './samples.ts';

describe('pass@k', () => {
  it('is the share of subsets of size k with a correct sample', () => {
    const counts = fc
      .integer({ min: 1, max: 9 })
      .chain((n) =>
        fc.record({ n: fc.constant(n), c: fc.integer({ min: 0, max: n }), k: fc.integer({ min: 1, max: n }) }),
      );
    fc.assert(
      fc.property(counts, ({ n, c, k }) => {
        let all = 0;
        let hit = 0;
        for (let set = 0; set < 2 ** n; set++) {
          const chosen = Array.from({ length: n }, (_, i) => i).filter((i) => (set >> i) & 1);
          if (chosen.length !== k) continue;
          all++;
          if (chosen.some((i) => i < c)) hit++;
        }
        expect(passAtK(n, c, k)).toBeCloseTo(hit / all, 12);
      }),
    );
  });

  it('refuses an impossible draw', () => {
    expect(() => passAtK(4, 5, 1)).toThrow(RangeError);
    expect(() => passAtK(4, 2, 5)).toThrow(RangeError);
    expect(() => passAtK(4, 2, 0)).toThrow(RangeError);
  });
});

describe('maj@k', () => {
  const problem = (...answers: (string | null)[]) => ({
    problemId: 'p',
    samples: answers.map((answer, index) =>
      sample({ index, answer, outcome: answer === '4' ? 'correct' : 'incorrect' }),
    ),
  });

  it('uses the most frequent answer, and breaks a tie at random', () => {
    expect(majorityAtK(problem('4', '4', '5'), 3)).toBe(1);
    expect(majorityAtK(problem('4', '5', '5'), 3)).toBe(0);
    expect(majorityAtK(problem('4', '5'), 2)).toBe(0.5);
    expect(majorityAtK(problem('4', '5', '6'), 3)).toBeCloseTo(1 / 3);
  });

  it('ignores samples without an answer', () => {
    expect(majorityAtK(problem('4', null, null, null), 4)).toBe(1);
    expect(majorityAtK(problem(null, null), 2)).toBe(0);
  });

  it('is avg@k for one sample, within the error of its draws', () => {
    expect(Math.abs(majorityAtK(problem('4', '5', '6', '4'), 1) - 0.5)).toBeLessThan(0.12);
  });

  it('counts two spellings of the right answer as one', () => {
    const samples = [
      sample({ index: 0, answer: '1/2', outcome: 'correct' }),
      sample({ index: 1, answer: '0.5', outcome: 'correct' }),
      sample({ index: 2, answer: '3', outcome: 'incorrect' }),
      sample({ index: 3, answer: '3', outcome: 'incorrect' }),
    ];
    expect(majorityAtK({ problemId: 'p', samples }, 4)).toBe(0.5);
  });
});
