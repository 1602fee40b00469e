import { describe, expect, it } from 'vitest';
import { ProgressMeter } from '../../../src/editor/ui/progress-meter.ts';

describe('the progress meter', () => {
  it('reports a rate and the time left after a second', () => {
    const meter = new ProgressMeter();
    expect(meter.read({ done: 0, total: 100, unit: 'rows' }, 0).perSecond).toBeUndefined();
    expect(meter.read({ done: 9, total: 100, unit: 'rows' }, 900).perSecond).toBeUndefined();
    expect(meter.read({ done: 20, total: 100, unit: 'rows' }, 2000)).toMatchObject({ perSecond: 10, secondsLeft: 8 });
  });

  it('measures from what was there when it began, as after a resume', () => {
    const meter = new ProgressMeter();
    meter.read({ done: 50, total: 100, unit: 'calls' }, 0);
    expect(meter.read({ done: 60, total: 100, unit: 'calls' }, 5000).perSecond).toBe(2);
  });

  it('begins again with a new unit and never takes the bar back', () => {
    const meter = new ProgressMeter();
    meter.read({ done: 0, total: 10, unit: 'MB' }, 0);
    meter.read({ done: 10, total: 10, unit: 'MB' }, 4000);
    expect(meter.read({ done: 1, total: 4, unit: 'rows' }, 5000)).toMatchObject({ increment: 0 });
    expect(meter.read({ done: 3, total: 4, unit: 'rows' }, 7000)).toMatchObject({ perSecond: 1, increment: 0 });
  });

  it('adds up to the whole bar', () => {
    const meter = new ProgressMeter();
    const steps = [0, 3, 3, 7, 10].map((done, at) => meter.read({ done, total: 10, unit: 'rows' }, at).increment);
    expect(steps.reduce((sum, step) => sum + step)).toBeCloseTo(100);
    expect(meter.read({ done: 5, unit: 'rows' }, 9)).not.toHaveProperty('secondsLeft');
  });
});
