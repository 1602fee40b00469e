import { describe, expect, test } from 'vitest';
import { mapRow, recogniseColumns } from '../../../src/core/dataset/index.ts';
import type { ColumnMapping } from '../../../src/core/schemas/index.ts';

function recognised(rows: unknown[]): ColumnMapping {
  const found = recogniseColumns(rows);
  if ('reason' in found) throw new Error(found.reason);
  return found;
}

const LONG = 'First we double the number and then we add three to it, which takes some words to explain. '.repeat(4);

describe('columns are recognised', () => {
  test('of GSM8K: a question, and an answer after ####', () => {
    const row = { question: 'A box holds 3 pens. How many?', answer: `${LONG}\n#### 1,234` };
    const mapping = recognised([row, row]);
    expect(mapping).toEqual({ problem: 'question', answer: 'answer', answerFrom: 'hash', solution: 'answer' });
    expect(mapRow(row, mapping)).toEqual({ problem: { problem: row.question, answer: '1,234', solution: row.answer } });
  });

  test('of MATH: the answer is boxed in the solution', () => {
    const row = {
      problem: 'Find $x$.',
      level: 'Level 5',
      type: 'Algebra',
      solution: `${LONG} So \\boxed{\\frac{1}{2}}.`,
    };
    const mapping = recognised([row]);
    expect(mapping).toMatchObject({ answer: 'solution', answerFrom: 'boxed', topic: 'type', level: 'level' });
    expect(mapRow(row, mapping)).toMatchObject({
      problem: { answer: '\\frac{1}{2}', level: 5, topic: 'algebra', original: { level: 'Level 5', topic: 'Algebra' } },
    });
  });

  test('of a plain answer beside a solution, with id, level, topic, source and licence', () => {
    const row = {
      ...{ unique_id: 'a/1', problem: 'Find x.', answer: 7, solution: LONG, level: 3, subject: 'Algebra' },
      ...{ source: 'some book', license: 'MIT' },
    };
    const mapping = recognised([row]);
    expect(mapRow(row, mapping)).toEqual({
      problem: {
        ...{ id: 'a/1', problem: 'Find x.', answer: '7', solution: LONG.trim(), level: 3 },
        ...{ topic: 'algebra', original: { topic: 'Algebra' }, source: 'some book', licence: 'MIT' },
      },
    });
  });

  test('of verl rows: nested and in chats', () => {
    const row = {
      data_source: 'x',
      prompt: [{ role: 'user', content: 'What is 2+3?' }],
      reward_model: { style: 'rule', ground_truth: '5' },
    };
    const mapping = recognised([row]);
    expect(mapping).toMatchObject({ problem: 'prompt', answer: 'reward_model.ground_truth', source: 'data_source' });
    expect(mapRow(row, mapping)).toMatchObject({ problem: { problem: 'What is 2+3?', answer: '5' } });
  });

  test('the expected answer has priority over the answer of a model', () => {
    const row = { problem: 'p', answer: '1', expected_answer: '2' };
    expect(recognised([row]).answer).toBe('expected_answer');
  });

  test('an instruction that is the same in all rows is not the problem', () => {
    const rows = ['1+1', '2+2'].map((input) => ({ instruction: 'Solve it.', input, output: `It is \\boxed{2}.` }));
    expect(recognised(rows)).toMatchObject({ problem: 'input', answer: 'output', answerFrom: 'boxed' });
  });

  test('a column that is empty in most rows is ignored', () => {
    const rows = [
      { problem: '', question: 'a', answer: '1' },
      { problem: null, question: 'b', answer: '2' },
      { problem: 'x', question: 'c', answer: '3' },
    ];
    expect(recognised(rows).problem).toBe('question');
  });

  test.each([
    ['no rows', [], 'no rows'],
    ['no objects', [1, 'a', null], 'no rows'],
    ['no problem', [{ foo: 'a', answer: '1' }], 'It has: foo, answer.'],
    ['an unmarked long answer only', [{ question: 'a', answer: LONG }], 'final answer'],
    ['answers that are verdicts', [{ question: 'a', label: true }], 'final answer'],
  ])('%s: the reason names what is missing', (_, rows, reason) => {
    expect(recogniseColumns(rows)).toEqual({ reason: expect.stringContaining(reason) });
  });
});

describe('a row that can’t be used is refused with its column', () => {
  const mapping: ColumnMapping = { problem: 'q', answer: 'a', answerFrom: 'boxed' };
  test.each([
    [{ q: '  ', a: '\\boxed{1}' }, 'column “q” holds no text'],
    [{ q: 'x' }, 'column “a” holds no answer'],
    [{ q: 'x', a: 'The answer is \\boxed{1' }, 'column “a” holds no \\boxed{}'],
    [{ q: 'x', a: '\\boxed{ }' }, 'column “a” holds no \\boxed{}'],
    [{ q: 'x', a: 2 ** 60 }, 'column “a” holds a number with more digits than JSON keeps; write it as text'],
    [[1, 2], 'it is not an object with named columns'],
    [null, 'it is not an object with named columns'],
  ])('%j', (row, reason) => {
    expect(mapRow(row, mapping)).toEqual({ reason });
  });

  test('inherited properties are not columns', () => {
    const own = { problem: 'constructor', answer: 'toString', answerFrom: 'plain' } as const;
    expect(mapRow({}, own)).toHaveProperty('reason');
  });
});

test.each([
  ['plain', ' 42 ', '42'],
  ['plain', '$\\boxed{42}$', '42'],
  ['plain', 'x = \\boxed{4} or so', 'x = \\boxed{4} or so'],
  ['boxed', '\\boxed{1} then \\boxed{\\{1, 2\\}}', '\\{1, 2\\}'],
  ['hash', 'a #### 1\n#### 2 \nrest', '2'],
] as const)('an answer written %s: %j', (answerFrom, a, answer) => {
  expect(mapRow({ q: 'x', a }, { problem: 'q', answer: 'a', answerFrom })).toMatchObject({ problem: { answer } });
});
