import { describe, expect, test } from 'vitest';
import { verifiers } from '../../../src/core/export/forms/environment.ts';
import { grpo } from '../../../src/core/export/forms/grpo.ts';
import { EXPORT_FORMS, FORM_FILES } from '../../../src/core/export/forms/index.ts';
import { chainLabel, type Labelled } from '../../../src/core/export/forms/label.ts';
import { verl } from '../../../src/core/export/forms/verl.ts';
import { emptyTally, passRate } from '../../../src/core/sampling/index.ts';
import type { Problem } from '../../../src/core/schemas/index.ts';

describe('forms of an export', () => {
  test('have unique files and configurations, and are listed by their id', () => {
    const files = Object.values(EXPORT_FORMS).flatMap((form) => form.files);
    expect(new Set(FORM_FILES).size).toBe(FORM_FILES.length);
    expect(new Set(files.map(({ config }) => config)).size).toBe(files.length);
    for (const [id, form] of Object.entries(EXPORT_FORMS)) expect(form.id).toBe(id);
  });
});

describe('a problem set', () => {
  const problem: Problem = { id: 'p\ud835', problem: 'What is 1\ud835?', answer: '1\ud835' };
  const known = { problem, tally: emptyTally(problem.id), rate: passRate(0, 0), suspect: false };

  test.each([grpo, verl, verifiers])('$id: has no half of a surrogate pair', (form) => {
    const text = JSON.stringify(form.rows(known, 0));
    expect(text).toContain('p\ufffd');
    expect(text).not.toContain('\\ud835');
  });
});

describe('the label of a chain', () => {
  const right: Labelled = { passed: true, failed: [], quotaDropped: false, outcome: 'correct' };
  const wrong: Labelled = { passed: false, failed: ['final-correct'], quotaDropped: false, outcome: 'incorrect' };

  test('is the reviewers’ decision where only accepted chains are selected', () => {
    expect(chainLabel(wrong, 'accepted', undefined, 'accepted')).toBe(true);
    expect(chainLabel(right, 'rejected', undefined, 'accepted')).toBe(false);
    for (const decision of ['pending', 'skipped'] as const) {
      expect(chainLabel(right, decision, undefined, 'accepted')).toBeUndefined();
      expect(chainLabel(wrong, decision, undefined, 'accepted')).toBeUndefined();
    }
  });

  test('is false for a wrong final answer where passed chains are selected, and the reviewers’ word counts', () => {
    expect(chainLabel(right, 'pending', undefined, 'passed')).toBe(true);
    expect(chainLabel(wrong, 'pending', undefined, 'passed')).toBe(false);
    expect(chainLabel(right, 'rejected', undefined, 'passed')).toBe(false);
    expect(chainLabel(wrong, 'pending', 'correct', 'passed')).toBe(true);
    expect(chainLabel(right, 'pending', 'incorrect', 'passed')).toBe(false);
  });

  test('does not exist where only a suspect gold answer makes the chain wrong', () => {
    const suspect: Labelled = { ...wrong, suspectGold: true };
    expect(chainLabel(suspect, 'pending', undefined, 'passed')).toBeUndefined();
    expect(chainLabel(suspect, 'pending', 'incorrect', 'passed')).toBe(false);
    expect(chainLabel(suspect, 'rejected', undefined, 'passed')).toBe(false);
    expect(chainLabel({ ...right, suspectGold: true }, 'pending', undefined, 'passed')).toBe(true);
  });

  test('does not exist for a chain that is neither: filtered out, ungraded, truncated, or accepted although wrong', () => {
    expect(
      chainLabel({ ...right, passed: false, failed: ['repetition'] }, 'pending', undefined, 'passed'),
    ).toBeUndefined();
    expect(chainLabel({ ...right, quotaDropped: true }, 'pending', undefined, 'passed')).toBeUndefined();
    expect(chainLabel({ ...wrong, outcome: 'unknown' }, 'pending', undefined, 'passed')).toBeUndefined();
    expect(chainLabel({ ...wrong, ended: 'truncated' }, 'pending', undefined, 'passed')).toBeUndefined();
    expect(chainLabel(wrong, 'accepted', undefined, 'passed')).toBeUndefined();
  });
});
