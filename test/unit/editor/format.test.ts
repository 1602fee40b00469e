import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatRate, oneLine } from '../../../src/editor/format.ts';

describe('numbers and times for a person', () => {
  it.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [59.6, '1 min'],
    [3599, '1 h'],
    [7500, '2 h 5 min'],
    [86_400, '1 d'],
    [97_200, '1 d 3 h'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('groups counts, rounds rates and names units', () => {
    expect(formatCount(7473)).toBe('7,473');
    expect([0.4217, 3.14, 127.6].map((rate) => formatRate(rate))).toEqual(['0.42', '3.1', '128']);
    expect([999, 1500, 144_811_904].map((bytes) => formatBytes(bytes))).toEqual(['999 B', '1.5 kB', '145 MB']);
  });

  it('keeps one line of any text, never longer and never with half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, length) => {
        const line = oneLine(text, length);
        expect(line.length).toBeLessThanOrEqual(length);
        expect(line).not.toMatch(/[\n\r]/);
        expect(() => encodeURIComponent(line)).not.toThrow();
      }),
    );
  });
});
