import { describe, expect, test } from 'vitest';
import { cohenKappa } from '../../../src/core/maths/kappa.ts';

describe('kappa', () => {
  test('is 1 for full agreement, 0 for chance agreement, and null without a positive label', () => {
    expect(cohenKappa(5, 0, 0, 20)).toBe(1);
    expect(cohenKappa(4, 4, 4, 4)).toBe(0);
    expect(cohenKappa(0, 0, 0, 9)).toBeNull();
    // A table with 45 and 15 against 25 and 15.
    expect(cohenKappa(45, 15, 25, 15)).toBeCloseTo(0.1304, 3);
  });
});
