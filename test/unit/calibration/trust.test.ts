import { describe, expect, it } from 'vitest';
import { BEHAVIOUR_SCORES } from '../../../src/core/behaviours/index.ts';
import { measuredPrecision } from '../../../src/core/review/calibration/index.ts';

const span = (kind: 'verification' | 'backtracking', source: 'classifier' | 'model' | 'human' | 'piece') => ({
  kind,
  source,
});
const calibrated = {
  calibration: '1-me',
  reviewer: 'me',
  labelled: 100,
  scores: { model: { verification: { precision: { value: 0.9, low: 0.8, high: 0.95 }, marked: 10 } } },
};

describe('measured precision of the spans of a chain', () => {
  it('is that of the classifier with the most spans of a kind', () => {
    const spans = [span('verification', 'model'), span('verification', 'model'), span('verification', 'classifier')];
    expect(measuredPrecision(spans, calibrated)).toEqual({ verification: { value: 0.9, by: 'calibration' } });
  });

  it('includes the count when fewer than ten sentences are labelled', () => {
    const scores = { model: { verification: { precision: { value: 0, low: 0, high: 0.6 }, marked: 3 } } };
    expect(measuredPrecision([span('verification', 'model')], { ...calibrated, scores })).toEqual({
      verification: { value: 0, by: 'calibration', few: 3 },
    });
  });

  it('is the validation of the offline classifier without a calibration', () => {
    expect(measuredPrecision([span('backtracking', 'classifier')], undefined)).toEqual({
      backtracking: { value: BEHAVIOUR_SCORES.backtracking.precision, by: 'labels' },
    });
  });

  it('is absent for spans of a person, for kinds that were not measured, and without spans', () => {
    expect(measuredPrecision([span('verification', 'human'), span('backtracking', 'piece')], calibrated)).toEqual({});
    expect(measuredPrecision([span('backtracking', 'model')], calibrated)).toEqual({});
    expect(measuredPrecision([], calibrated)).toEqual({});
  });
});
