import { describe, expect, it } from 'vitest';
import type { ProgressLine } from '../../../src/core/schemas/index.ts';
import { foldProgress, SMOOTHING, thinPoints, withKept } from '../../../src/core/training/curve.ts';

const begin = (step: number, t: number, total = 8): ProgressLine => ({ event: 'begin', step, total, t });
const log = (step: number, t: number, loss: number): ProgressLine => ({ event: 'log', step, t, loss });

describe('the curve of progress lines', () => {
  it('is empty without lines', () => {
    expect(foldProgress([])).toEqual({ points: [], undone: [], resumes: [], checkpoints: [], evaluations: [] });
  });

  it('keeps reported values and adds only the smoothed loss', () => {
    const { points, step, total } = foldProgress([
      begin(0, 100),
      { event: 'log', step: 1, t: 106, loss: 2, lr: 1e-5, gradNorm: 3, tokens: 900, epoch: 0.5 },
      { event: 'log', step: 2, t: 112 },
      log(3, 118, 1),
    ]);
    expect(points[0]).toEqual({
      step: 1,
      t: 106,
      loss: 2,
      lr: 1e-5,
      gradNorm: 3,
      tokens: 900,
      epoch: 0.5,
      smoothed: 2,
    });
    expect(points[1]).toEqual({ step: 2, t: 112 });
    // By hand: (0.9 · 0.1 · 2 + 0.1 · 1) / (0.9 · 0.1 + 0.1).
    expect(points[2]?.smoothed).toBeCloseTo((SMOOTHING * 2 + 1) / (SMOOTHING + 1), 12);
    expect({ step, total }).toEqual({ step: 3, total: 8 });
  });

  it('has the remaining time from the step rate, until the run ends', () => {
    const lines = [begin(0, 100), log(1, 106, 2), log(2, 112, 1)];
    expect(foldProgress(lines)).toMatchObject({ stepsPerSecond: 1 / 6, secondsLeft: 36 });
    expect(foldProgress([...lines, { event: 'end', step: 8 }])).not.toHaveProperty('secondsLeft');
    expect(foldProgress([begin(0, 100)])).not.toHaveProperty('stepsPerSecond');
    // Without the number of steps there is a rate, but no remaining time.
    expect(foldProgress([log(1, 106, 2), log(2, 112, 1)])).not.toHaveProperty('secondsLeft');
  });

  it('takes the step rate from the last lines, not from a slow start', () => {
    const lines = [begin(0, 0, 1000), log(1, 600, 2)];
    for (let i = 2; i <= 40; i++) lines.push(log(i, 600 + i, 2));
    expect(foldProgress(lines).stepsPerSecond).toBeCloseTo(1, 6);
  });

  it('replaces steps that a resumed run repeats, and ignores the pause in the step rate', () => {
    const curve = foldProgress([
      begin(0, 0),
      ...[1, 2, 3, 4, 5].map((step) => log(step, step * 6, 10 - step)),
      { event: 'save', step: 3, checkpoint: 'out/checkpoint-3' },
      begin(3, 10_000),
      log(4, 10_002, 6.5),
    ]);
    expect(curve.points.map(({ step, loss }) => [step, loss])).toEqual([
      [1, 9],
      [2, 8],
      [3, 7],
      [4, 6.5],
    ]);
    expect(curve.undone.map((points) => points.map(({ step, loss }) => [step, loss]))).toEqual([
      [
        [4, 6],
        [5, 5],
      ],
    ]);
    expect(curve).toMatchObject({ resumes: [3], step: 4, stepsPerSecond: 0.5, secondsLeft: 8 });
    expect(curve.checkpoints).toEqual([{ step: 3, folder: 'out/checkpoint-3' }]);
  });

  it.each([
    ['restarts the count', 0],
    ['continues the count', 300],
  ])('sums the tokens up to each resume if the trainer %s', (_how, kept) => {
    const at = (step: number, tokens: number): ProgressLine => ({ event: 'log', step, loss: 1, tokens });
    const first = [begin(0, 0), at(1, 100), at(2, 200), at(3, 300), at(4, 400), at(5, 500)];
    const { tokens, points } = foldProgress([...first, begin(3, 9), at(4, kept + 110), at(5, kept + 220)]);
    expect([tokens, ...points.map((point) => point.tokens)]).toEqual([520, 100, 200, 300, 410, 520]);
    expect(foldProgress([...first, begin(0, 9), at(1, 90)]).tokens).toBe(90);
    expect(foldProgress([...first, begin(3, 9)]).tokens).toBe(300);
  });

  it('marks deleted checkpoints', () => {
    const save = (step: number): ProgressLine => ({ event: 'save', step, checkpoint: `out/checkpoint-${step}` });
    const curve = foldProgress([save(2), save(4), { event: 'save', step: 6, checkpoint: 'out/own' }]);
    const gone = (kept?: number[]) => withKept(curve, kept).checkpoints.flatMap((one) => (one.gone ? [one.step] : []));
    expect([gone([4]), gone([]), gone(undefined)]).toEqual([[2], [2, 4], []]);
  });

  it('discards the steps of two earlier processes after a resume from an earlier step', () => {
    const curve = foldProgress([
      ...[begin(0, 0), log(1, 1, 1), log(2, 2, 2)],
      ...[begin(2, 3), log(3, 4, 3)],
      ...[begin(0, 9), log(1, 10, 4)],
    ]);
    expect(curve.points.map(({ loss }) => loss)).toEqual([4]);
    expect(curve.undone.map((points) => points.map(({ loss }) => loss))).toEqual([[1, 2], [3]]);
    expect(curve.resumes).toEqual([2, 0]);
  });

  it('detects a resume without a step by its first step', () => {
    const { points, undone, resumes } = foldProgress([log(1, 1, 1), { event: 'begin' }, log(1, 5, 2)]);
    expect({ losses: points.map(({ loss }) => loss), undone: undone.length, resumes }).toEqual({
      losses: [2],
      undone: 1,
      resumes: [0],
    });
  });

  it('has the error message until the run is resumed', () => {
    const lines: ProgressLine[] = [begin(0, 0), { event: 'error', message: 'CUDA out of memory' }];
    expect(foldProgress(lines)).toMatchObject({ ended: 'error', message: 'CUDA out of memory' });
    const again = foldProgress([...lines, begin(0, 9)]);
    expect(again).not.toHaveProperty('ended');
    expect(again).not.toHaveProperty('message');
  });

  it('reduces the points to a number that can be drawn, and keeps peaks and both ends', () => {
    const points = Array.from({ length: 10_000 }, (_, i) => ({
      step: i + 1,
      loss: i === 4321 ? 99 : i === 777 ? -1 : 1,
    }));
    const thin = thinPoints(points, 200);
    expect(thin.length).toBeLessThanOrEqual(204);
    expect(thin.map(({ loss }) => loss)).toEqual(expect.arrayContaining([99, -1]));
    expect([thin[0], thin.at(-1)]).toEqual([points[0], points.at(-1)]);
    expect(thinPoints(points.slice(0, 100), 200)).toEqual(points.slice(0, 100));
  });
});
