import { describe, expect, it } from 'vitest';
import { BEHAVIOUR_SCORES } from '../../../src/core/behaviours/index.ts';
import { measuredPrecision } from '../../../src/core/calibration/index.ts';

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
  it('is that of the detector that set most of a kind', () => {
    const spans = [span('verification', 'model'), span('verification', 'model'), span('verification', 'classifier')];
    expect(measuredPrecision(spans, calibrated)).toEqual({ verification: { value: 0.9, by: 'calibration' } });
  });

  it('says so where it rests on fewer than ten labelled sentences', () => {
    const scores = { model: { verification: { precision: { value: 0, low: 0, high: 0.6 }, marked: 3 } } };
    expect(measuredPrecision([span('verification', 'model')], { ...calibrated, scores })).toEqual({
      verification: { value: 0, by: 'calibration', few: 3 },
    });
  });

  it('is the validation of the offline classifier where nobody has calibrated', () => {
    expect(measuredPrecision([span('backtracking', 'classifier')], undefined)).toEqual({
      backtracking: { value: BEHAVIOUR_SCORES.backtracking.precision, by: 'labels' },
    });
  });

  it('is absent for what a person set, for what was not measured, and for kinds that are not there', () => {
    expect(measuredPrecision([span('verification', 'human'), span('backtracking', 'piece')], calibrated)).toEqual({});
    expect(measuredPrecision([span('backtracking', 'model')], calibrated)).toEqual({});
    expect(measuredPrecision([], calibrated)).toEqual({});
  });
});
