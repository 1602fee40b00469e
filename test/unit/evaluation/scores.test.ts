import { describe, expect, it } from 'vitest';
import { evaluationScores } from '../../../src/core/evaluation/index.ts';
import { sample } from './samples.ts';

describe('scores', () => {
  const scores = evaluationScores([
    sample({ problemId: 'a', index: 0, tokens: 100, first: 'right' }),
    sample({ problemId: 'a', index: 1, tokens: 300, outcome: 'incorrect', answer: '7', first: 'right' }),
    sample({ problemId: 'b', index: 0, tokens: 50, first: 'wrong' }),
    sample({ problemId: 'b', index: 1, tokens: 1000, reply: 'truncated', answer: null }),
    sample({ problemId: 'c', index: 0, outcome: 'unknown' }),
    sample({ problemId: 'd', index: 0, outcome: 'error' }),
  ]);

  it('excludes samples that could not be graded, and counts them', () => {
    expect(scores).toMatchObject({ problems: 2, samples: 4, ungraded: 2, k: { least: 2, most: 2 } });
  });

  it('counts a truncated response as not solved, and separately', () => {
    expect(scores.average.value).toBe(0.5);
    expect(scores.truncated.value).toBe(0.25);
    expect(scores.tokens.wrong?.value).toBe(300);
    expect(scores.tokens.right?.value).toBe(75);
  });

  it('counts replies without an answer as wrong, and by how they ended', () => {
    const replies = (['empty', 'blocked', 'refused', 'unfinished'] as const).map((reply, index) =>
      sample({ index, reply, outcome: 'unknown', answer: null, tokens: 1, first: 'right' }),
    );
    const found = evaluationScores([...replies, sample({ index: 4, tokens: 30 })]);
    expect(found.average.value).toBe(0.2);
    expect(found).toMatchObject({ samples: 5, ungraded: 0, empty: 1, blocked: 1, refused: 1, unfinished: 1 });
    // Their few tokens are no length of a wrong answer, and what they began with is no first answer.
    expect(found.tokens.wrong).toBeNull();
    expect(found.rightToWrong).toBeNull();
    expect(evaluationScores(replies).average.value).toBe(0);
  });

  it('excludes replies of which it is unknown whether they ended', () => {
    const unknown = sample({ index: 1, reply: 'unfinished', unknownEnd: true });
    const found = evaluationScores([sample({}), unknown]);
    expect(found).toMatchObject({ average: { value: 1 }, samples: 1, ungraded: 1, unfinished: 0 });
  });

  it('reports pass@k and maj@k up to the number of samples', () => {
    expect(scores.pass.map(({ k, score }) => [k, score.value])).toEqual([
      [1, 0.5],
      [2, 1],
    ]);
    expect(scores.majority.at(-1)?.score.value).toBe(0.75);
  });

  it('reports first answers and how their outcome changed', () => {
    expect(scores.firstRight?.value).toBe(0.5);
    expect(scores.wrongToRight?.value).toBe(1);
    expect(scores.rightToWrong?.value).toBe(0.5);
  });

  it('reports rates of behaviours per 1,000 tokens, and null without annotation', () => {
    expect(scores.behaviours).toBeNull();
    const marked = sample({ tokens: 500, behaviours: { verification: 2, backtracking: 1, subgoal: 0, backward: 0 } });
    expect(evaluationScores([marked]).behaviours).toEqual({
      verification: 4,
      backtracking: 2,
      subgoal: 0,
      backward: 0,
    });
  });

  it('reports an error when no sample could be graded', () => {
    expect(() => evaluationScores([sample({ outcome: 'unknown' })])).toThrow(RangeError);
  });
});
