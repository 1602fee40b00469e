import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ticks } from '../../../src/core/maths/ticks.ts';
import type { ProgressLine } from '../../../src/core/schemas/index.ts';
import { foldProgress, withKept } from '../../../src/core/training/curve.ts';
import { type DrawnRun, lossPicture } from '../../../src/core/training/loss-picture.ts';
import { lossTable } from '../../../src/core/training/loss-table.ts';

const lines = (losses: readonly number[], lr?: number): ProgressLine[] => [
  { event: 'begin', step: 0, total: losses.length },
  ...losses.map((loss, i): ProgressLine => ({ event: 'log', step: i + 1, loss, ...(lr === undefined ? {} : { lr }) })),
];
const run = (name: string, of: readonly ProgressLine[]) => ({ name, curve: foldProgress(of) });
const polylines = (svg: string, kind: string): number[][][] =>
  [...svg.matchAll(new RegExp(`<polyline class="${kind}" points="([^"]+)"`, 'g'))].map(([, points]) =>
    (points ?? '').split(' ').map((at) => at.split(',').map(Number)),
  );

/** A run that was resumed at its checkpoint. */
const resumed = (): DrawnRun =>
  run('a', [
    ...lines([4, 3, 2, 1]),
    { event: 'save', step: 2, checkpoint: 'out/checkpoint-2' },
    { event: 'begin', step: 2, total: 4 },
    { event: 'log', step: 3, loss: 2.5 },
  ]);

describe('the picture of the loss', () => {
  it('draws reported losses from left to right, higher losses higher', () => {
    const svg = lossPicture('1-sft', [run('1-sft', lines([4, 1, 2, 3]))]);
    const [raw] = polylines(svg, 'raw');
    expect(raw).toHaveLength(4);
    const xs = raw?.map(([x]) => x ?? 0) ?? [];
    expect([...xs].sort((a, b) => a - b)).toEqual(xs);
    const ys = raw?.map(([, y]) => y ?? 0) ?? [];
    // In an SVG, y grows downwards.
    expect(ys[0]).toBeLessThan(ys[3] ?? 0);
    expect(ys[1]).toBeGreaterThan(ys[2] ?? 0);
    // Equal differences of loss are equal on the page.
    expect((ys[1] ?? 0) - (ys[2] ?? 0)).toBeCloseTo((ys[2] ?? 0) - (ys[3] ?? 0), 0);
    expect(polylines(svg, 'smooth')).toHaveLength(1);
  });

  it('has no panel for values that the trainer does not report', () => {
    const without = lossPicture('a', [run('a', lines([2, 1]))]);
    expect(without).not.toContain('Learning rate');
    expect(lossPicture('a', [run('a', lines([2, 1], 1e-5))])).toContain('Learning rate');
    expect(without).not.toContain('Gradient norm');
    const empty = lossPicture('a', [run('a', [])]);
    expect(empty).toContain('No loss reported yet.');
    expect(empty).not.toContain('polyline');
    expect(empty).toContain('a: no loss yet');
  });

  it('marks checkpoints, resumes and repeated steps', () => {
    const svg = lossPicture('a', [resumed()]);
    expect(svg).toContain('Resumed at step 2');
    expect(svg).toContain('<title>Checkpoint at step 2</title>');
    const { curve, name } = run('a', [...lines([4, 3]), { event: 'save', step: 2, checkpoint: 'out/checkpoint-2' }]);
    const after = lossPicture('a', [{ name, curve: withKept(curve, []) }]);
    expect(after).toMatch(/class="gone" .*<title>Checkpoint at step 2, not kept<\/title>/);
    expect(after).not.toContain('class="saved"');
    expect(polylines(svg, 'undone')).toHaveLength(1);
    const saved = Number(/class="saved" d="M([\d.]+)/.exec(svg)?.[1]) + 4;
    const resume = Number(/class="resume" x1="([\d.]+)"/.exec(svg)?.[1]);
    const second = polylines(svg, 'raw')[0]?.[1]?.[0];
    expect(saved).toBeCloseTo(resume, 1);
    expect(resume).toBeCloseTo(second ?? 0, 1);
  });

  it('scales repeated steps of a run far from its end to the width of the picture', () => {
    const svg = lossPicture('a', [
      run('a', [
        { event: 'begin', step: 0, total: 100_000 },
        ...lines([4, 3, 2, 1]).slice(1),
        { event: 'begin', step: 2, total: 100_000 },
      ]),
    ]);
    const [undone] = polylines(svg, 'undone');
    const xs = undone?.map(([x]) => x ?? 0) ?? [];
    expect(Math.max(...xs)).toBeGreaterThan(500);
    expect(Math.max(...xs)).toBeLessThanOrEqual(720);
  });

  it('draws several runs on one scale, with a legend and a label that describes each', () => {
    const svg = lossPicture('two', [run('a <1>', lines([4, 2])), run('b', lines([4, 3, 2, 1]))]);
    const [a, b] = polylines(svg, 'raw');
    expect(a?.[0]).toEqual(b?.[0]);
    expect(svg).toContain('a &#60;1&#62;</text>');
    expect(svg).not.toContain('<1>');
    expect(/aria-label="([^"]+)"/.exec(svg)?.[1]).toContain('b: step 4 of 4, loss 4.000 at step 1, 1.000 at step 4');
  });

  it('draws every point above the marks of the checkpoints', () => {
    const losses = fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(losses, (values) => {
        const svg = lossPicture('a', [run('a', [...lines(values), { event: 'save', step: 1, checkpoint: 'out/c-1' }])]);
        const foot = Number(/class="(?:saved|gone)" d="M[\d.]+ ([\d.]+)/.exec(svg)?.[1]);
        const ys = [...polylines(svg, 'raw'), ...polylines(svg, 'smooth')].flat().map(([, y]) => y ?? 0);
        expect(Math.max(...ys)).toBeLessThanOrEqual(foot - 8);
      }),
    );
  });

  it('has a legend of the marks that occur only', () => {
    const plain = lossPicture('a', [run('a', lines([4, 3]))]);
    expect(plain).toContain('>smoothed</text>');
    for (const words of ['checkpoint', 'resumed', 'repeated steps', 'evaluation loss'])
      expect(plain).not.toContain(`>${words}</text>`);
    const svg = lossPicture('a', [resumed()]);
    for (const words of ['checkpoint', 'resumed', 'repeated steps']) expect(svg).toContain(`>${words}</text>`);
  });

  it('draws a single point and equal losses within the picture', () => {
    for (const losses of [[1.5], [1.5, 1.5]]) {
      const svg = lossPicture('a', [run('a', lines(losses))]);
      expect(svg).not.toContain('NaN');
      const height = Number(/viewBox="0 0 720 ([\d.]+)"/.exec(svg)?.[1]);
      const y = Number(/(?:cy="|points="[\d.]+,)([\d.]+)/.exec(svg)?.[1]);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(height);
    }
  });
});

describe('the table of the loss', () => {
  it('keeps small numbers, and has empty cells for missing values', () => {
    const table = lossTable([
      run('a', [
        { event: 'log', step: 1, t: 1_760_000_000, loss: 0.123456789, lr: 1e-7 },
        { event: 'log', step: 2, loss: -0.5 },
      ]),
    ]).split('\r\n');
    expect(table[0]).toBe('run,step,epoch,loss,smoothed_loss,learning_rate,gradient_norm,tokens,time');
    expect(table[1]).toBe('a,1,,0.123456789,0.1235,1e-7,,,2025-10-09T08:53:20.000Z');
    expect(table[2]).toMatch(/^a,2,,-0\.5000,-?[\d.]+,,,,$/);
  });
});

describe('ticks', () => {
  it.each([
    [0, 8, 6, [0, 2, 4, 6, 8]],
    [0.87, 1.54, 4, [0.8, 1, 1.2, 1.4, 1.6]],
    [0, 1e-5, 2, [0, 5e-6, 1e-5]],
    [0, 10_000, 5, [0, 2000, 4000, 6000, 8000, 10_000]],
    [3, 3, 4, [3]],
  ])('%d to %d', (low, high, count, expected) => expect(ticks(low, high, count)).toEqual(expected));
});
