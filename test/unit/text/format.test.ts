import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCost,
  formatCount,
  formatDuration,
  formatExpected,
  formatMeasure,
  formatNumbers,
  formatPercent,
  formatRate,
  oneLine,
  plural,
  pluralAmount,
} from '../../../src/core/text/format.ts';

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

  it('groups digits of counts, rounds rates and adds units', () => {
    expect(formatCount(7473)).toBe('7,473');
    expect([0.4217, 3.14, 127.6].map((rate) => formatRate(rate))).toEqual(['0.42', '3.1', '128']);
    expect([999, 1500, 144_811_904].map((bytes) => formatBytes(bytes))).toEqual(['999 B', '1.5 kB', '145 MB']);
  });

  it('joins a count and its noun', () => {
    expect([0, 1, 2, 1240].map((value) => plural(value, 'sample'))).toEqual([
      '0 samples',
      '1 sample',
      '2 samples',
      '1,240 samples',
    ]);
    expect(plural(1, 'row is', 'rows are')).toBe('1 row is');
    expect(plural(2, 'retry', 'retries')).toBe('2 retries');
    // The noun agrees with the rounded number.
    expect(plural(1.2, 'sample')).toBe('1 sample');
  });

  it('joins a fractional amount and its noun', () => {
    expect([0.01, 1, 1.5, 1240].map((value) => pluralAmount(value, 'minute'))).toEqual([
      '0.01 minutes',
      '1 minute',
      '1.5 minutes',
      '1,240 minutes',
    ]);
  });

  it('groups digits of the numbers of a list, and writes percentages with a space', () => {
    expect(formatNumbers([200, 1200])).toBe('200, 1,200');
    expect([formatPercent(0.4375), formatPercent(0.4375, 0)]).toEqual(['43.8 %', '44 %']);
  });

  it('groups the digits of every measure, and keeps small ones readable', () => {
    expect([0, 0.5, 3.44, 1240.4].map((value) => formatExpected(value))).toEqual(['0', '0.5', '3.4', '1,240']);
    expect([2.345, 12_345, 0.00005, 0].map((value) => formatMeasure(value))).toEqual(['2.35', '12,300', '5e-5', '0']);
  });

  it('shows a cost, or why there is none', () => {
    expect(formatCost(undefined, true)).toBe('none (local)');
    expect(formatCost(null, false)).toBe('unknown');
    expect([0, 0.0421, 1234.5].map((cost) => formatCost(cost, true))).toEqual(['0.00', '0.0421', '1,234.50']);
  });

  it('shortens any text to one line without splitting a character', () => {
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
