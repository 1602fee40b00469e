import { describe, expect, test, vi } from 'vitest';
import { GradingPolicy } from '../../../src/core/schemas/index.ts';
import {
  type Grader,
  type GradeText,
  gradeByAnnotate,
  LateGrades,
  type UngradedText,
} from '../../../src/editor/review/late-grades.ts';
import { run } from '../verbs/run.ts';

const ungraded = (text: string, answer = '1/2'): UngradedText => ({
  text,
  problem: { problem: 'What is a half?', answer },
  policy: GradingPolicy.parse({}),
});

const graderOf = (grade: GradeText, rest: Partial<Grader> = {}): Grader => ({
  grade,
  mayGrade: () => true,
  isAbort: () => false,
  log: () => undefined,
  ...rest,
});

describe('grades that a chain does not have', () => {
  test('are asked for once, and are there when they have arrived', async () => {
    const arrived = vi.fn();
    const grade = vi.fn(async () => ({ '0.5': 'correct' as const }));
    const grades = new LateGrades(graderOf(grade), arrived);
    const text = ungraded('So \\boxed{0.5}.');
    expect(grades.of(text)).toEqual({});
    grades.ask(text, ['0.5']);
    grades.ask(text, ['0.5']);
    await vi.waitFor(() => expect(arrived).toHaveBeenCalledTimes(1));
    expect(grade).toHaveBeenCalledTimes(1);
    expect(grades.of(text)).toEqual({ '0.5': 'correct' });
    expect(grades.of(ungraded('other', '2'))).toEqual({});
  });

  test('that can’t be had are not asked for again and again', async () => {
    const grade = vi.fn(() => Promise.reject(new Error('no process')));
    const arrived = vi.fn();
    const log = vi.fn();
    const grades = new LateGrades(graderOf(grade, { log }), arrived);
    for (let i = 0; i < 3; i++) {
      grades.ask(ungraded('So \\boxed{0.5}.'), ['0.5']);
      await new Promise((settled) => setImmediate(settled));
    }
    expect(grade).toHaveBeenCalledTimes(1);
    expect(log.mock.calls).toEqual([['Can’t grade candidate answers: no process']]);
    expect(arrived).not.toHaveBeenCalled();
  });

  test('are asked for again once the folder is trusted, and after an abort', async () => {
    const isTrusted = { value: false };
    const grade = vi
      .fn<GradeText>()
      .mockRejectedValueOnce(new Error('cancelled'))
      .mockResolvedValue({ '0.5': 'correct' });
    const arrived = vi.fn();
    const isAbort = (error: unknown) => error instanceof Error && error.message === 'cancelled';
    const grades = new LateGrades(graderOf(grade, { isAbort, mayGrade: () => isTrusted.value }), arrived);
    const ask = async () => {
      grades.ask(ungraded('So \\boxed{0.5}.'), ['0.5']);
      await new Promise((settled) => setImmediate(settled));
    };
    await ask();
    expect(grade).not.toHaveBeenCalled();
    isTrusted.value = true;
    await ask();
    expect(arrived).not.toHaveBeenCalled();
    await ask();
    expect(arrived).toHaveBeenCalledTimes(1);
    expect(grade).toHaveBeenCalledTimes(2);
  });

  test('the text that was shown last comes first, and the queue stays short', async () => {
    const seen: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const grade: GradeText = async ({ text }) => {
      seen.push(text);
      await held;
      return {};
    };
    const grades = new LateGrades(graderOf(grade), () => undefined);
    for (let i = 0; i < 30; i++) grades.ask(ungraded(`text ${i}`, `gold ${i}`), [`${i}`]);
    release();
    await vi.waitFor(() => expect(seen).toHaveLength(9));
    expect(seen.slice(0, 2)).toEqual(['text 0', 'text 29']);
  });

  test('come from the verb annotate, which compares by the policy of the chain', async () => {
    const annotate = (args: { file: string; out: string; policy: GradingPolicy }) =>
      run('annotate', { ...args, textKey: 'text', workers: 1 });
    const outcomes = await gradeByAnnotate(ungraded('First \\boxed{\\frac13}, no: \\boxed{\\frac{2}{4}}.'), annotate);
    expect(outcomes).toEqual({ '\\frac13': 'incorrect', '\\frac{2}{4}': 'correct' });
  });
});
