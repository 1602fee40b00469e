import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CalibrationAct, foldCalibration } from '../../../src/core/review/calibration/index.ts';

const plan = { reviewer: 'r1', sentences: Array.from({ length: 5 }) };
const base = (id: string) => ({ id, at: '2026-01-01T00:00:00.000Z', reviewer: 'r1' });
const label = (id: string, sentence: number, ...kinds: ('verification' | 'subgoal')[]): CalibrationAct => ({
  ...base(id),
  act: 'label',
  sentence,
  kinds,
});
const skip = (id: string, sentence: number): CalibrationAct => ({ ...base(id), act: 'skip', sentence });
const reversal = (act: 'undo' | 'redo', id: string, target: string): CalibrationAct => ({ ...base(id), act, target });

const labels = (acts: CalibrationAct[]) => Object.fromEntries(foldCalibration(plan, acts).labels);

describe('the current labels', () => {
  test('are those of the last act on each sentence', () => {
    expect(labels([label('a', 0, 'subgoal'), skip('b', 1), label('c', 0), label('d', 1, 'verification')])).toEqual({
      0: { kinds: [] },
      1: { kinds: ['verification'] },
    });
  });

  test('after an undo are those before the act, across sentences; a redo restores them', () => {
    const acts = [label('a', 0, 'subgoal'), label('b', 0, 'verification'), skip('c', 1)];
    expect(labels([...acts, reversal('undo', 'u', 'c')])).toEqual({ 0: { kinds: ['verification'] } });
    expect(labels([...acts, reversal('undo', 'u', 'c'), reversal('undo', 'v', 'b')])).toEqual({
      0: { kinds: ['subgoal'] },
    });
    expect(labels([...acts, reversal('undo', 'u', 'c'), reversal('redo', 'v', 'c')])).toEqual(labels(acts));
  });

  test('can’t be redone after another act', () => {
    const acts = [label('a', 0), reversal('undo', 'u', 'a'), skip('b', 2)];
    expect(foldCalibration(plan, acts).redoable).toBeUndefined();
    expect(labels([...acts, reversal('redo', 'v', 'a')])).toEqual({ 2: 'skipped' });
  });

  test('ignore acts of other reviewers, repeated lines, sentences outside the plan and undos of an earlier act', () => {
    const acts = [label('a', 0, 'subgoal'), skip('b', 1)];
    const noise: CalibrationAct[] = [
      { ...label('x', 0), reviewer: 'r2' },
      skip('b', 1),
      label('y', 5),
      reversal('undo', 'z', 'a'),
    ];
    expect(labels([...acts, ...noise])).toEqual(labels(acts));
  });

  test('are empty after an undo for each act, and restored after as many redos', () => {
    const act = fc.record({ sentence: fc.nat(4), skip: fc.boolean() });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (drawn) => {
        const acts = drawn.map((one, i) =>
          one.skip ? skip(`a${i}`, one.sentence) : label(`a${i}`, one.sentence, 'subgoal'),
        );
        const whole = labels(acts);
        const all = [...acts];
        const reverse = (kind: 'undo' | 'redo') => {
          const state = foldCalibration(plan, all);
          const target = kind === 'undo' ? state.undoable : state.redoable;
          all.push(reversal(kind, `${kind}${all.length}`, target?.id ?? ''));
        };
        for (const _ of acts) reverse('undo');
        expect(labels(all)).toEqual({});
        for (const _ of acts) reverse('redo');
        expect(labels(all)).toEqual(whole);
      }),
    );
  });
});
