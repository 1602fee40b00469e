import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alongAnchors, differencesOf, phaseAnchors } from '../../../src/core/review/index.ts';
import { type PhaseRun, phaseRuns } from '../../../src/core/review/phase-runs.ts';
import { PHASES } from '../../../src/core/schemas/index.ts';

/** A text of sentences with a phase and a length each. */
const textOf = (sentences: readonly (readonly [PhaseRun['phase'], number])[]) => {
  let at = 0;
  const placed = sentences.map(([phase, length]) => {
    const start = at;
    at += length;
    return { phase, start, end: at };
  });
  return { length: at, runs: phaseRuns(placed) };
};
const texts = fc
  .array(fc.tuple(fc.constantFrom(...PHASES), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 60 })
  .map(textOf);

describe('the alignment of two samples by phase', () => {
  test('the parts of one phase belong together, and what is between follows in proportion', () => {
    const a = textOf([
      ['plan', 100],
      ['implement', 100],
      ['verify', 100],
    ]);
    const b = textOf([
      ['plan', 10],
      ['explore', 500],
      ['implement', 20],
      ['verify', 30],
    ]);
    const anchors = phaseAnchors(a, b);
    expect([0, 100, 150, 200, 300].map((offset) => alongAnchors(anchors, offset))).toEqual([0, 510, 520, 530, 560]);
  });

  test('without phases, texts are scrolled in proportion', () => {
    const anchors = phaseAnchors({ length: 100, runs: [] }, { length: 1_000, runs: [] });
    expect([0, 25, 100].map((offset) => alongAnchors(anchors, offset))).toEqual([0, 250, 1_000]);
  });

  test('rises, stays inside, and maps a text to itself', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const anchors = phaseAnchors(a, b);
        const to = Array.from({ length: a.length + 1 }, (_, offset) => alongAnchors(anchors, offset));
        expect(to.every((offset, index) => offset >= (to[index - 1] ?? 0) && offset <= b.length)).toBe(true);
        expect([to[0], to.at(-1)]).toEqual([0, b.length]);
        const own = phaseAnchors(a, a);
        for (let offset = 0; offset <= a.length; offset += 7) expect(alongAnchors(own, offset)).toBe(offset);
      }),
    );
  });

  test('a text with many thousands of parts takes no long time', () => {
    const long = (shift: number) =>
      textOf(Array.from({ length: 20_000 }, (_, index) => [PHASES[(index * shift) % PHASES.length] ?? 'read', 3]));
    expect(phaseAnchors(long(3), long(5)).length).toBeGreaterThan(2);
  });
});

describe('the differences of samples', () => {
  const words = (texts: readonly string[]) =>
    differencesOf(texts).sentences.map((places, index) =>
      places.map(({ start, end }) => texts[index]?.slice(start, end)),
    );

  test('are the sentences that no other sample has', () => {
    const samples = ['Add them up. It is 12. Done.', 'Add them up.\nIt is 13. Done.', 'Subtract. Done.'];
    expect(words(samples)).toEqual([['It is 12.'], ['It is 13.'], ['Subtract.']]);
  });

  test('a sentence twice in one sample is its own, and white space makes no difference', () => {
    expect(words(['Again. Again.', 'Add   them\nup.', 'Add them up.'])).toEqual([['Again.', 'Again.'], [], []]);
  });

  const parts = (texts: readonly string[]) =>
    differencesOf(texts).words.map((places, index) => places.map(({ start, end }) => texts[index]?.slice(start, end)));

  test('are words, where another sample has a similar sentence', () => {
    const samples = [
      'First, add all of the numbers up. Then halve.',
      'First, add both of the numbers up again. Subtract one from it.',
    ];
    expect(parts(samples)).toEqual([
      ['all', 'up.', 'Then halve.'],
      ['both', 'up again.', 'Subtract one from it.'],
    ]);
  });

  test('are words, where the similar sentence is in several other samples', () => {
    const same = 'First, add all of the numbers up. Then halve.';
    expect(parts([same, 'First, add both of the numbers up. Then halve.', same, same])).toEqual([[], ['both'], [], []]);
  });

  test('a sentence of more than 500 words is new as a whole', () => {
    const long = (last: string): string => `${'so '.repeat(400)}${'add '.repeat(101)}${last}`;
    const texts = [long('two.'), long('three.')];
    expect(parts(texts)).toEqual(texts.map((text) => [text]));
  });

  test('lie in own sentences, in order and apart, and take nothing that a similar sentence has at its place', () => {
    const sentence = fc.array(fc.constantFrom('add', 'the', 'two', 'numbers', 'again', '12', '😀'), {
      minLength: 1,
      maxLength: 8,
    });
    const text = fc.array(sentence, { maxLength: 5 }).map((all) => all.map((one) => `So ${one.join(' ')}.`).join(' '));
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), (texts) => {
        const { sentences: own, words: parts } = differencesOf(texts);
        parts.forEach((places, index) => {
          places.forEach(({ start, end }, at) => {
            expect(start).toBeLessThan(end);
            expect(start).toBeGreaterThanOrEqual(places[at - 1]?.end ?? 0);
            expect(own[index]?.some((sentence) => sentence.start <= start && end <= sentence.end)).toBe(true);
            expect(texts[index]?.slice(start, end)).toMatch(/^\S(?:[\s\S]*\S)?$/);
          });
        });
      }),
    );
  });
});
