import { describe, expect, it } from 'vitest';
import { BEHAVIOUR_SCORES } from '../../../src/core/behaviours/index.ts';
import { measuredAccuracy } from '../../../src/core/review/calibration/index.ts';

const span = (kind: 'verification' | 'backtracking', source: 'classifier' | 'model' | 'human' | 'piece') => ({
  kind,
  source,
});
const precision = { value: 0.9, low: 0.8, high: 0.95 };
const recall = { value: 0.5, low: 0.3, high: 0.7 };
const calibrated = {
  calibration: '1-me',
  reviewer: 'me',
  labelled: 100,
  scores: { model: { verification: { precision, recall, marked: 10 } } },
};

describe('measured accuracy of the spans of a chain', () => {
  it('is that of the classifier with the most spans of a kind', () => {
    const spans = [span('verification', 'model'), span('verification', 'model'), span('verification', 'classifier')];
    expect(measuredAccuracy(spans, calibrated)).toEqual({ verification: { precision, recall, by: 'calibration' } });
  });

  it('includes the count when fewer than ten sentences are labelled', () => {
    const none = { value: 0, low: 0, high: 0.6 };
    const scores = { model: { verification: { precision: none, marked: 3 } } };
    expect(measuredAccuracy([span('verification', 'model')], { ...calibrated, scores })).toEqual({
      verification: { precision: none, by: 'calibration', few: 3 },
    });
  });

  it('is the validation of the offline classifier without a calibration, with intervals', () => {
    const found = measuredAccuracy([span('backtracking', 'classifier')], undefined).backtracking;
    const { precision, recall, by } = BEHAVIOUR_SCORES.backtracking;
    expect([found?.precision.value, found?.recall?.value, found?.by]).toEqual([precision, recall, by]);
    for (const part of [found?.precision, found?.recall]) {
      expect(part?.low).toBeLessThan(part?.value ?? 0);
      expect(part?.high).toBeGreaterThan(part?.value ?? 1);
      expect((part?.high ?? 1) - (part?.low ?? 0)).toBeLessThan(0.2);
    }
  });

  it('of the classifier with a head of the dataset is only what the dataset’s calibration measured', () => {
    const ofHead = { ...span('verification', 'classifier'), version: 'b4+1' };
    expect(measuredAccuracy([{ ...ofHead, version: 'b4' }], undefined)).toHaveProperty('verification');
    expect(measuredAccuracy([ofHead], undefined)).toEqual({});
    const scores = { classifier: { verification: { precision, marked: 10 } } };
    expect(measuredAccuracy([ofHead], { ...calibrated, scores })).toEqual({
      verification: { precision, by: 'calibration' },
    });
  });

  it('is absent for spans of a person, for kinds that were not measured, and without spans', () => {
    expect(measuredAccuracy([span('verification', 'human'), span('backtracking', 'piece')], calibrated)).toEqual({});
    expect(measuredAccuracy([span('backtracking', 'model')], calibrated)).toEqual({});
    expect(measuredAccuracy([], calibrated)).toEqual({});
  });
});
