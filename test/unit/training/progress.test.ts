import { describe, expect, test } from 'vitest';
import type { ProgressLine } from '../../../src/core/schemas/index.ts';
import { framesOf, parseTransformersLine, progressSoFar, readProgress } from '../../../src/core/training/progress.ts';

describe('a line of transformers', () => {
  test.each([
    [
      'strings, as version 5 prints',
      "{'loss': '0.6213', 'grad_norm': '1.5', 'learning_rate': '1e-05', 'epoch': '0.5'}",
    ],
    ['numbers, as version 4 prints', "{'loss': 0.6213, 'grad_norm': 1.5, 'learning_rate': 1e-05, 'epoch': 0.5}"],
    [
      'after a progress bar',
      " 50%|█████     | 2/4\r{'loss': '0.6213', 'grad_norm': '1.5', 'learning_rate': '1e-05', 'epoch': '0.5'}",
    ],
  ])('is read: %s', (_, line) => {
    expect(parseTransformersLine(line)).toEqual({ event: 'log', loss: 0.6213, gradNorm: 1.5, lr: 1e-5, epoch: 0.5 });
  });

  test.each([
    "{'train_runtime': '2.4', 'train_loss': '5.8'}",
    "{'loss': 'nan', 'epoch': '0.5'}",
    "{'loss': '', 'epoch': '0.5'}",
    'loss 0.5',
    "{'loss': '0.6",
    '{"loss": 0.5}',
  ])('without a loss is not progress: %s', (line) => {
    expect(parseTransformersLine(line)).toBeUndefined();
  });
});

test('frames are found among other text of a log, and an incomplete one is ignored', () => {
  const log = 'hello\n(pid=3) @@LONGHAND {"event":"log","step":1,"loss":0.5}\r\n@@LONGHAND {"event":"log","st';
  expect(framesOf(log)).toEqual([{ event: 'log', step: 1, loss: 0.5 }]);
});

test('a line with NaN or text as a number is ignored', () => {
  expect(readProgress('{"event":"log","step":1,"loss":NaN}')).toBeUndefined();
  expect(readProgress('{"event":"log","step":"1"}')).toBeUndefined();
});

describe('progress so far', () => {
  const log = (step: number, loss: number, t = step): ProgressLine => ({ event: 'log', step, loss, total: 10, t });
  const begin = (step: number): ProgressLine => ({ event: 'begin', step, total: 10 });

  test('is empty without lines', () => {
    expect(progressSoFar([])).toEqual({ lines: [], attempt: [] });
  });

  test('has the last step, its loss, and the remaining time from the step rate', () => {
    const progress = progressSoFar([begin(0), log(1, 5), log(2, 4), log(3, 3)]);
    expect(progress).toMatchObject({ step: 3, total: 10, loss: 3, secondsLeft: 7 });
  });

  test('counts each step of a resumed training once', () => {
    const lines = [begin(0), log(1, 5), log(2, 4), log(3, 3), begin(2), log(3, 2.5)];
    const progress = progressSoFar(lines);
    expect(progress.lines.filter(({ event }) => event === 'log').map(({ step, loss }) => [step, loss])).toEqual([
      [1, 5],
      [2, 4],
      [3, 2.5],
    ]);
    expect(progress.step).toBe(3);
  });

  test('has no error once the run is resumed', () => {
    const lines: ProgressLine[] = [begin(0), log(1, 5), { event: 'error', message: 'no' }, begin(0)];
    expect(progressSoFar(lines)).not.toHaveProperty('error');
    expect(progressSoFar(lines.slice(0, 3))).toMatchObject({ error: 'no' });
  });

  test('has no values of the earlier process before a resumed one reports', () => {
    const before: ProgressLine[] = [begin(0), log(1, 5), { event: 'error', message: 'no' }];
    expect(progressSoFar(before, before.length)).toEqual({ lines: before, attempt: [] });
    expect(progressSoFar([...before, begin(1)], before.length)).not.toHaveProperty('loss');
    expect(progressSoFar([begin(0)], before.length)).toMatchObject({ step: 0 });
  });

  test('has the trained model only after the trainer reported it', () => {
    const end: ProgressLine = { event: 'end', step: 10, total: 10, checkpoint: 'out/final' };
    expect(progressSoFar([begin(0), log(10, 1)])).not.toHaveProperty('output');
    expect(progressSoFar([begin(0), log(10, 1), end])).toMatchObject({ output: 'out/final' });
    expect(progressSoFar([begin(0), log(10, 1), end, begin(10)])).not.toHaveProperty('output');
  });

  test('has no remaining time without reported times', () => {
    expect(progressSoFar([begin(0), { event: 'log', step: 1, loss: 1 }])).not.toHaveProperty('secondsLeft');
  });
});
