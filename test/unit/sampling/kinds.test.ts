import { expect, test } from 'vitest';
import { kindsText, mostSampled } from '../../../src/core/sampling/index.ts';
import { answerText, formatNoAnswers } from '../../../src/core/schemas/index.ts';

const of = (problemId: string, attempts: number, successes = 0, ungraded = 0) => ({
  ...{ problemId, attempts, successes, ungraded, truncated: ungraded },
});
const PROBLEMS = [
  of('c', 2),
  of('b', 9),
  of('a', 2, 0, 7),
  of('d', 4, 1),
  of('e', 0, 0, 3),
  of('f', 0, 0, 5),
  of('g', 0),
];

test('unsolved problems are counted by kind and listed by samples, then by id', () => {
  expect(kindsText(PROBLEMS)).toBe('3 never solved, 2 only truncated, 1 not sampled');
  expect(kindsText([...PROBLEMS, { ...of('h', 0, 0, 2), truncated: 1 }])).toBe(
    '3 never solved, 2 only truncated, 1 not graded, 1 not sampled',
  );
  expect(mostSampled(PROBLEMS, 'never-solved').map(({ problemId }) => problemId)).toEqual(['b', 'a', 'c']);
  expect(mostSampled(PROBLEMS, 'only-truncated').map(({ problemId }) => problemId)).toEqual(['f', 'e']);
});

test('replies without an answer are listed if there are any', () => {
  expect(formatNoAnswers({ blocked: 1200, empty: 0 })).toEqual(['1,200 blocked by the provider']);
  expect(formatNoAnswers({ truncated: 0 }, ['truncated'])).toEqual(['0 truncated']);
});

test('the reasoning of a truncated reply is not graded', () => {
  expect(answerText({ text: '', reasoning: '\\boxed{5}', finish: 'length' })).toBe('');
  expect(answerText({ text: '', reasoning: '\\boxed{5}', finish: 'stop' })).toBe('\\boxed{5}');
});
