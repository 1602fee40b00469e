import { describe, expect, test } from 'vitest';
import { CORPUS, corpusRows } from '../../../scripts/loop/corpus.ts';
import { answerOf, drawProblem, FAMILIES } from '../../../scripts/loop/families.ts';
import { drawSets, partOf } from '../../../scripts/loop/splits.ts';
import { boxedRight, careful, hasty } from '../../../scripts/loop/writers.ts';
import { normaliseProblemText } from '../../../src/core/dataset/index.ts';
import { randomSource } from '../../../src/core/maths/random.ts';
import { ngrams } from '../../../src/core/text/ngrams.ts';

const SIZES = { train: 300, heldOut: 400, heldOutFamilies: 100 };

describe.each(['counting', 'small'] as const)('problems (%s)', (scale) => {
  const sets = drawSets(scale === 'small' ? { train: 200, heldOut: 120, heldOutFamilies: 40 } : SIZES, 7, scale, 7);
  const all = [...sets.train, ...sets.heldOut, ...sets.heldOutFamilies];

  test('are the same for the same seed and different for another', () => {
    const sizes = { train: 30, heldOut: 20, heldOutFamilies: 10 };
    expect(drawSets(sizes, 3, scale, 7)).toEqual(drawSets(sizes, 3, scale, 7));
    expect(drawSets(sizes, 3, scale, 7)).not.toEqual(drawSets(sizes, 4, scale, 7));
  });

  test('have exact answers that are not negative', () => {
    for (const { problem, answer, task } of all) {
      expect(Number(answer)).toBe(answerOf(task));
      expect(Number(answer)).toBeGreaterThanOrEqual(0);
      for (const operand of task.operands) expect(problem).toContain(String(operand));
    }
  });

  test('are unique by id and by normal form', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ problem }) => normaliseProblemText(problem))).size).toBe(all.length);
  });

  test('held out share no eight consecutive words with one that is trained on', () => {
    const trained = new Set(sets.train.flatMap(({ problem }) => ngrams(problem, 8)));
    const held = [...sets.heldOut, ...sets.heldOutFamilies];
    expect(held.flatMap(({ problem }) => ngrams(problem, 8)).filter((gram) => trained.has(gram))).toEqual([]);
  });

  test('held-out families are never trained on', () => {
    const heldOut = new Set(FAMILIES.filter((family) => family.heldOut).map(({ name }) => name));
    expect(sets.train.filter(({ topic }) => heldOut.has(topic))).toEqual([]);
    expect(sets.heldOut.filter(({ topic }) => heldOut.has(topic))).toEqual([]);
    expect(sets.heldOutFamilies.filter(({ topic }) => !heldOut.has(topic))).toEqual([]);
  });

  test('of one pair of numbers are in one part, in any order and for sums and differences', () => {
    for (const { task } of all) {
      if (task.kind !== 'add') continue;
      const [a, b] = task.operands;
      expect(partOf({ kind: 'add', operands: [b, a] }, 7)).toBe(partOf(task, 7));
      expect(partOf({ kind: 'subtract', operands: [a + b, b] }, 7)).toBe(partOf(task, 7));
    }
  });
});

test('too many problems are refused, not repeated', () => {
  expect(() => drawSets({ train: 20_000, heldOut: 1, heldOutFamilies: 1 }, 1, 'small', 1)).toThrow('fewer than 20000');
});

describe('writers', () => {
  const drawn = FAMILIES.flatMap((family) => {
    const random = randomSource(5);
    return Array.from({ length: 40 }, () => drawProblem(family, random, 'counting').task);
  });

  /** The number of counts of ones or of a factor with a wrong number. */
  const miscounts = (text: string): number =>
    [...text.matchAll(/(\d+) ([+-]) \d+: ((?:\d+:\d+ ?)+)/g)].filter(([, from, sign, counted]) =>
      (counted ?? '')
        .trim()
        .split(' ')
        .some((step) => {
          const [index, value] = step.split(':').map(Number);
          return value !== Number(from) + (sign === '+' ? 1 : -1) * (index ?? 0);
        }),
    ).length;

  test('the careful writer is always right and counts without an error', () => {
    for (const task of drawn) {
      const text = careful(task, randomSource(1), 0);
      expect(boxedRight(text, task), text).toBe(true);
      expect(text).toContain('It fits.');
      expect(miscounts(text), text).toBe(0);
    }
  });

  test('the careful writer corrects an error and ends with the right answer', () => {
    const texts = drawn.map((task, seed) => ({ task, text: careful(task, randomSource(seed), 1) }));
    for (const { task, text } of texts) expect(boxedRight(text, task), text).toBe(true);
    const slipped = texts.filter(({ text }) => text.includes('start over'));
    expect(slipped.length).toBeGreaterThan(drawn.length / 2);
    const counted = slipped.filter(({ task }) => task.kind === 'add' || task.kind === 'subtract');
    for (const { text } of counted) expect(miscounts(text), text).toBe(1);
  });

  test('the hasty writer is right about one time in four', () => {
    const random = randomSource(3);
    const right = drawn.filter((task) => boxedRight(hasty(task, random), task)).length;
    expect(right / drawn.length).toBeGreaterThan(0.15);
    expect(right / drawn.length).toBeLessThan(0.35);
  });
});

test('the corpus is the same for a seed, and has no problem that is trained or held out later', () => {
  const rows = [...corpusRows({ ...CORPUS, seed: 7, division: 7, rows: 3000 })];
  expect(rows).toEqual([...corpusRows({ ...CORPUS, seed: 7, division: 7, rows: 3000 })]);
  const prompts = new Set(rows.flatMap((row) => ('prompt' in row ? [row.prompt.split('\n')[0]] : [])));
  const { train, heldOut, heldOutFamilies } = drawSets(SIZES, 9, 'counting', 7);
  for (const { problem } of [...train, ...heldOut, ...heldOutFamilies]) expect(prompts).not.toContain(problem);
  const careful = rows.filter((row) => 'completion' in row && row.completion.includes('check')).length;
  expect(careful / prompts.size).toBeGreaterThan(0.05);
});
