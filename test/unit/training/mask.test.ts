import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTrained, maskedParts, trainedLength } from '../../../src/core/training/mask.ts';

const answers = fc.string({ unit: 'binary', maxLength: 40 });
const masks = fc.array(
  fc.record({ start: fc.nat(45), length: fc.nat(45), train: fc.boolean() }).map(({ start, length, train }) => ({
    start,
    end: start + length,
    train,
  })),
  { maxLength: 5 },
);

test('the parts join to the answer, none is empty, and neighbours differ', () => {
  fc.assert(
    fc.property(answers, masks, (answer, mask) => {
      const parts = maskedParts(answer, mask);
      expect(parts.map(({ text }) => text).join('')).toBe(answer);
      for (const [i, part] of parts.entries()) {
        expect(part.text).not.toBe('');
        if (i > 0) expect(part.train).not.toBe(parts[i - 1]?.train);
      }
    }),
  );
});

test('every code point is trained unless a range masks it, for any width in UTF-16', () => {
  fc.assert(
    fc.property(answers, masks, (answer, mask) => {
      const flags = maskedParts(answer, mask).flatMap(({ text, train }) => [...text].map(() => train));
      const points = [...answer];
      expect(flags).toEqual(points.map((_, at) => isTrained(mask, at)));
      const trained = points.filter((_, at) => isTrained(mask, at)).join('');
      expect(trainedLength(answer, mask)).toBe(trained.length);
    }),
  );
});

test('text in both a masked and a trained range is masked', () => {
  const mask = [
    { start: 0, end: 3, train: true },
    { start: 1, end: 2, train: false },
  ];
  expect(maskedParts('abc', mask)).toEqual([
    { text: 'a', train: true },
    { text: 'b', train: false },
    { text: 'c', train: true },
  ]);
});
