import { describe, expect, it } from 'vitest';
import { loadEngine } from '../../../src/core/answers/engine.ts';
import { gradeWith } from '../../../src/core/answers/index.ts';
import { GradingPolicy } from '../../../src/core/model/index.ts';
import { type PairRow, pairsOf } from './pairs.ts';

const policy = GradingPolicy.parse({});
const engine = await loadEngine();

function verdictOf(gold: string, text: string): string {
  const first = gradeWith(gold, text, policy);
  return (first.wantsEngine ? gradeWith(gold, text, policy, engine) : first).verdict.outcome;
}

function wrong(rows: readonly PairRow[], write: (prediction: string) => string): string[] {
  return rows.flatMap((row) => {
    const outcome = verdictOf(row.gold, write(row.prediction));
    if (outcome === (row.equal ? 'correct' : 'incorrect')) return [];
    return [`${row.table}.txt:${row.line} ${row.gold} ${row.equal ? '≡' : '≢'} ${row.prediction}: ${outcome}`];
  });
}

describe.each(['numbers', 'expressions', 'collections', 'relations', 'words'])('the table of %s', (table) => {
  const rows = pairsOf(table);

  it('holds in a box', () => {
    expect(wrong(rows, (prediction) => `So we get $\\boxed{${prediction}}$.`)).toEqual([]);
  });

  it('holds for a bare answer', () => {
    expect(wrong(rows, (prediction) => prediction)).toEqual([]);
  });
});

describe('the table of responses', () => {
  it('holds', () => {
    expect(wrong(pairsOf('responses'), (prediction) => prediction)).toEqual([]);
  });
});
