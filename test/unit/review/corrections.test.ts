import fc from 'fast-check';
import { expect, test } from 'vitest';
import { corrections } from '../../../src/core/review/index.ts';
import type { ReviewAct, Span } from '../../../src/core/schemas/index.ts';

const SENTENCE = 'I add two numbers here. ';
const TEXT = SENTENCE.repeat(12).trimEnd();
const at = (i: number): number => i * SENTENCE.length;
const span = (id: string, from: number, to: number, kind: Span['kind'] = 'verification'): Span => ({
  ...{ id, kind, start: at(from), end: Math.min(TEXT.length, at(to) - 1), source: 'classifier', confidence: 0.7 },
});
const chain = {
  id: 'c',
  text: TEXT,
  segments: [{ piece: 'trace' as const, start: 0, end: TEXT.length, train: true }],
  spans: [span('c1', 1, 9), span('c2', 10, 11, 'subgoal')],
};
const base = { at: '2026-01-01', reviewer: 'r1', chainId: 'c' };
const places = (acts: readonly ReviewAct[]) =>
  corrections(chain, acts).map(({ start, known, weight }) => ({ at: start / SENTENCE.length, known, weight }));

test('a removed span is a label on each of its sentences, and counts as four', () => {
  const found = places([{ ...base, id: 'x', act: 'unlabel', spanId: 'c1' }]);
  expect(found).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((i) => ({ at: i, known: { verification: false }, weight: 0.5 })));
});

test('a span that was moved is a label on what it keeps, gains and loses', () => {
  const move = { remove: ['c1'], add: [{ kind: 'verification' as const, start: at(0), end: at(3) - 1 }] };
  const found = places([{ ...base, id: 'x', act: 'respan', ...move }]);
  expect(found.map((one) => [one.at, one.known.verification])).toEqual([
    ...[0, 1, 2].map((i) => [i, true]),
    ...[3, 4, 5, 6, 7, 8].map((i) => [i, false]),
  ]);
});

test('accepting a chain, undone acts and an edited text give no labels', () => {
  expect(places([{ ...base, id: 'x', act: 'accept' }])).toEqual([]);
  const removed: ReviewAct = { ...base, id: 'x', act: 'unlabel', spanId: 'c1' };
  expect(places([removed, { ...base, id: 'y', act: 'undo', target: 'x' }])).toEqual([]);
  const edit: ReviewAct = { ...base, id: 'z', act: 'edit', changes: [{ start: 0, end: 1, insert: 'We' }] };
  expect(places([removed, edit])).toEqual([]);
});

test('whatever is labelled, only the kinds of the act are known, each true', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 1, max: 12 }), (from, size) => {
      const to = Math.min(12, from + size);
      const act = { act: 'label' as const, kind: 'backward' as const, start: at(from), end: at(to) - 1 };
      const found = places([{ ...base, id: 'x', ...act }]);
      expect(found.map((one) => one.at)).toEqual(Array.from({ length: to - from }, (_, i) => from + i));
      expect(found.every(({ known }) => Object.keys(known).join() === 'backward' && known.backward === true)).toBe(
        true,
      );
    }),
  );
});
