import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { gradeAnswer } from '../../../src/core/grading/index.ts';
import { GradingPolicy, Verdict } from '../../../src/core/schemas/index.ts';

// Many cases can be slow on a busy machine. These tests don't measure time.
vi.setConfig({ testTimeout: 60_000 });

const policy = GradingPolicy.parse({});

describe('a verdict', () => {
  it('contains the extracted answer, both normal forms and the method', () => {
    expect(gradeAnswer('\\dfrac{1}{2}', 'Half of it: the answer is \\boxed{50/100}.', policy)).toEqual({
      outcome: 'correct',
      method: 'number',
      extracted: '50/100',
      gold: '\\frac{1}{2}',
      prediction: '50/100',
      detail: 'Both are 1/2.',
    });
  });

  it('contains the difference when the answer is wrong', () => {
    const verdict = gradeAnswer('4', 'So \\boxed{5}', policy);
    expect(verdict).toMatchObject({ outcome: 'incorrect', method: 'number', extracted: '5', detail: '5 is not 4.' });
  });

  it('is incorrect without a final answer', () => {
    const verdict = gradeAnswer('4', 'First we think.\nThen we stop', policy);
    expect(verdict).toEqual({ outcome: 'incorrect', method: 'none', detail: 'No final answer was found in the text.' });
  });

  it('is unknown, never incorrect, when the gold can’t be read', () => {
    expect(gradeAnswer('', '\\boxed{5}', policy).outcome).toBe('unknown');
    expect(gradeAnswer('\\frac{1', 'no answer here\nat all', policy).outcome).toBe('unknown');
  });

  it('unboxes the gold', () => {
    expect(gradeAnswer('So we get $\\boxed{\\sqrt{4}}$.', '\\boxed{2}', policy).outcome).toBe('correct');
  });

  it('conforms to the schema of verdicts', () => {
    for (const text of ['\\boxed{1}', '2', 'words', '']) {
      const verdict = gradeAnswer('1', text, policy);
      expect(Verdict.parse(verdict)).toEqual(verdict);
    }
  });
});

const pairs = resolve(import.meta.dirname, '../../../../shared/data/pairs/equivalence.jsonl');
const traces = resolve(import.meta.dirname, '../../../../shared/data/traces/sky_t1_aime24_8runs.jsonl');

function rows<T>(file: string): T[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}

interface Pair {
  id: string;
  gold: unknown;
  prediction: unknown;
  expected: boolean;
  source: string;
  options?: { precision?: number };
}

interface Trace {
  id: string;
  gold: unknown;
  trace: string;
  correct: boolean;
}

describe('on labelled data of other projects', () => {
  it.skipIf(!existsSync(pairs))('agrees with at least 539 of 549 pairs (needs ../shared/data)', () => {
    const disagreeing = rows<Pair>(pairs).filter((pair) => {
      const precision = pair.options?.precision;
      const own: GradingPolicy = {
        ...policy,
        percent: pair.source.includes('inspect_ai') ? 'convert' : 'ignore',
        relativeTolerance: precision === undefined ? policy.relativeTolerance : 10 ** -precision,
      };
      const verdict = gradeAnswer(String(pair.gold), String(pair.prediction), own);
      return (verdict.outcome === 'correct') !== pair.expected;
    });
    expect(disagreeing.length).toBeLessThanOrEqual(549 - 539);
  });

  it.skipIf(!existsSync(pairs))(
    'agrees with at least 99.9 % of the pairs of plain numbers (needs ../shared/data)',
    () => {
      const plain = /^[-+$]*\d[\d.,]*$/;
      const numeric = rows<Pair>(pairs).filter(
        (pair) => plain.test(String(pair.gold)) && plain.test(String(pair.prediction)),
      );
      expect(numeric.length).toBeGreaterThan(20);
      const wrong = numeric.filter((pair) => {
        const verdict = gradeAnswer(String(pair.gold), String(pair.prediction), policy);
        return (verdict.outcome === 'correct') !== pair.expected;
      });
      expect(wrong).toEqual([]);
    },
  );

  it.skipIf(!existsSync(traces))('agrees with all 240 verdicts on long traces (needs ../shared/data)', () => {
    const wrong = rows<Trace>(traces).filter((row) => {
      return (gradeAnswer(String(row.gold), row.trace, policy).outcome === 'correct') !== row.correct;
    });
    expect(wrong.map((row) => row.id)).toEqual([]);
  });
});
