import { describe, expect, test } from 'vitest';
import { gradeAnswer } from '../../../src/core/grading/index.ts';
import { resolvePolicy } from '../../../src/core/grading/policies.ts';
import { print } from '../../../src/verbs/dataset/status.ts';
import { run } from '../../unit/verbs/run.ts';
import { dialogueRound, keyOf } from './dialogue-round.ts';

const policy = resolvePolicy('default');

describe('the funnel of a stored round', () => {
  test('is in the status, with each loss and the setting to change', async () => {
    const dataset = await dialogueRound(['4', '9'], [{ first: '5', second: '4' }], policy);
    const truncated = Array.from({ length: 7 }, (_, i) => ({
      ...{ key: keyOf(1, i + 10), problemId: 'p1', piece: 'answer[1]', index: i, reply: 'truncated' as const },
      verdict: gradeAnswer('9', 'I count on from 1, and', policy),
    }));
    const unboxed = {
      ...{ key: keyOf(1, 30), problemId: 'p1', piece: 'answer[2]', index: 0 },
      verdict: gradeAnswer('9', 'Therefore it is \\boxed{9', policy),
    };
    await dataset.appendGrades('1-dialogue', [...truncated, unboxed]);
    await dataset.close();
    const status = await run('status', { dataset: dataset.folder });
    const funnel = status.rounds.find(({ round }) => round === '1-dialogue')?.funnel;
    expect(funnel?.stages.map(({ stage, count }) => [stage, count])).toEqual([
      ['answers', 10],
      ['finished', 3],
      ['answered', 2],
      ['chains', 1],
      ['passed', expect.any(Number)],
      ['kept', expect.any(Number)],
    ]);
    const words = print(status);
    expect(words).toContain('10 answers → 3 finished (7 truncated at 2,048 tokens) → 2 with a final answer');
    expect(words).toContain('7 of 10 answers were truncated at 2,048 tokens.');
    expect(words).toContain('Raise dialogue.answer.maxTokens from 2,048 to 4,096 in longhand.json.');
  });
});
