import { describe, expect, it } from 'vitest';
import { loadEngine } from '../../../src/core/grading/engine.ts';
import { gradeWith } from '../../../src/core/grading/index.ts';
import { GradingPolicy } from '../../../src/core/schemas/index.ts';
import { type PairRow, pairsOf } from './pairs.ts';

const policy = GradingPolicy.parse({});
const engine = await loadEngine();

function verdictOf(gold: string, text: string): string {
  const first = gradeWith(gold, text, policy);
  return (first.needsEngine ? gradeWith(gold, text, policy, engine) : first).verdict.outcome;
}

function wrong(rows: readonly PairRow[], write: (prediction: string) => string): string[] {
  return rows.flatMap((row) => {
    const outcome = verdictOf(row.gold, write(row.prediction));
    if (outcome === (row.equal ? 'correct' : 'incorrect')) return [];
    return [`${row.table}.txt:${row.line} ${row.gold} ${row.equal ? '≡' : '≢'} ${row.prediction}: ${outcome}`];
  });
}

describe.each(['numbers', 'expressions', 'collections', 'relations', 'words', 'wording', 'exactness', 'hard'])(
  'the table of %s',
  (table) => {
    const rows = pairsOf(table);

    it('holds in a box', () => {
      expect(wrong(rows, (prediction) => `So we get $\\boxed{${prediction}}$.`)).toEqual([]);
    });

    it('holds for a bare answer', () => {
      expect(wrong(rows, (prediction) => prediction)).toEqual([]);
    });
  },
);

describe('the table of responses', () => {
  it('holds', () => {
    expect(wrong(pairsOf('responses'), (prediction) => prediction)).toEqual([]);
  });
});

describe('a gold sentence with several values', () => {
  it.each([
    ['The area is 12 and the perimeter is 14.', '14'],
    ['Ann has 3 apples and Ben has 5', '5'],
    ['It rises from 10 to 20', '20'],
  ])('%s against %s is not correct', (gold, prediction) => {
    expect(verdictOf(gold, prediction)).not.toBe('correct');
  });

  it('is read by its conclusion', () => {
    expect(verdictOf('There are 3 rows of 4 seats, so the answer is 12.', '12')).toBe('correct');
  });
});

describe('constants beyond the limits of the compute engine', () => {
  it.each([
    ['3^{70}\\sqrt{5}', '3^{70}\\sqrt{5}+1'],
    ['7\\pi\\cdot10^{14}', '7\\pi\\cdot10^{14}+2'],
    ['e^{-900}', '\\frac{1}{e^{900}}'],
    ['\\ln(10^{500})', '500\\ln 10'],
    ['5^{10^6}', '25^{500000}'],
    ['5^{10^6}', '25^{500001}'],
  ])('%s against %s is unknown', (gold, prediction) => {
    expect(verdictOf(gold, prediction)).toBe('unknown');
  });
});
