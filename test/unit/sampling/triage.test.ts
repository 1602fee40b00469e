import { describe, expect, it } from 'vitest';
import { emptyTally, suspectGold, type TriageProblem, TriageSettings } from '../../../src/core/sampling/index.ts';

const settings = TriageSettings.parse({});
const problem = (
  problemId: string,
  answers: TriageProblem['answers'],
  change: Partial<TriageProblem> = {},
): TriageProblem => ({
  tally: { ...emptyTally(problemId), attempts: answers.length },
  finished: true,
  answers,
  ...change,
});
const times = (count: number, answer: string | undefined) => Array.from({ length: count }, () => answer);

describe('suspectGold', () => {
  it('finds the problem whose samples agree on another answer, with the vote', () => {
    const answers = [...times(3, '7'), ...times(8, '12'), ...times(1, '5'), ...times(4, undefined), '', '3'];
    expect(suspectGold([problem('p', answers)], settings)).toEqual([
      {
        problemId: 'p',
        vote: [
          { answer: '12', count: 8 },
          { answer: '7', count: 3 },
          { answer: '3', count: 1 },
          { answer: '5', count: 1 },
        ],
        share: 8 / 13,
        answers: 13,
      },
    ]);
  });

  it('skips problems that are solved, unfinished, split between answers, or have few answers', () => {
    const agree = times(20, '12');
    const solved = { tally: { ...emptyTally('solved'), attempts: 20, successes: 1 } };
    const found = suspectGold(
      [
        problem('solved', agree, solved),
        problem('ended by the budget', agree, { finished: false }),
        problem('split', [...times(10, '12'), ...times(11, '7')].slice(0, 21)),
        problem('few', [...times(7, '12'), ...times(90, undefined)]),
        problem('none', times(50, undefined)),
      ],
      TriageSettings.parse({ leastShare: 0.6 }),
    );
    expect(found).toEqual([]);
  });

  it('sorts the strongest agreement first for any input order', () => {
    const problems = [
      problem('b', times(10, '1')),
      problem('a', times(10, '1')),
      problem('less', [...times(9, '1'), '2']),
      problem('more answers', times(30, '1')),
    ];
    const ids = (list: TriageProblem[]): string[] => suspectGold(list, settings).map(({ problemId }) => problemId);
    expect(ids(problems)).toEqual(['more answers', 'a', 'b', 'less']);
    expect(ids([...problems].reverse())).toEqual(ids(problems));
  });
});
