import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMaths, splitBlocks } from '../../../src/core/text/index.ts';
import { absent, rows, sharedData } from './shared.ts';

const blocks = (text: string): string[] => splitBlocks(text).map(({ start, end }) => text.slice(start, end));

describe('splitBlocks', () => {
  test('splits at blank lines and keeps them with the block before', () => {
    expect(blocks('One.\n\nTwo,\nstill two.\n \n\nThree.')).toEqual(['One.\n\n', 'Two,\nstill two.\n \n\n', 'Three.']);
  });

  test('does not split inside a formula or a fence', () => {
    expect(blocks('a\n\n\\[\nx\n\ny\n\\]\n\nb')).toEqual(['a\n\n', '\\[\nx\n\ny\n\\]\n\n', 'b']);
    expect(blocks('a\n```\nx\n\ny\n```\nb')).toEqual(['a\n', '```\nx\n\ny\n```\n', 'b']);
  });

  test('splits a very long paragraph after a sentence, and marks the continuation', () => {
    const text = 'Hmm, let me think about it once more. '.repeat(200);
    const cut = splitBlocks(text);
    expect(cut.length).toBeGreaterThan(3);
    expect(cut.map(({ continues }) => continues)).toEqual(cut.map((_, index) => index > 0));
    for (const { start, end } of cut.slice(0, -1)) expect(text.slice(start, end)).toMatch(/more\. $/);
  });

  test('the later parts of a split fence are marked as code', () => {
    const cut = splitBlocks(`\`\`\`\n${'x = 1\n'.repeat(4_000)}\`\`\`\n`);
    expect(cut.map(({ code }) => code)).toEqual(cut.map((_, index) => index > 0));
  });

  const hostile = fc.string({
    unit: fc.constantFrom(
      '\n',
      '\n\n',
      ' ',
      '$',
      '$$',
      '```\n',
      'a',
      '. ',
      '\\[',
      '\\]',
      '😀',
      '\r\n',
      'word '.repeat(300),
    ),
    maxLength: 25,
  });

  test('blocks join to the text and split neither a formula nor a surrogate pair', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
        const maths = findMaths(text);
        const cut = splitBlocks(text, maths);
        expect(cut.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
        let from = 0;
        for (const { start, end } of cut) {
          expect(start).toBe(from);
          expect(end).toBeGreaterThan(start);
          expect(text.slice(start, end)).not.toMatch(/^[\udc00-\udfff]/);
          expect(maths.some((formula) => formula.start < end && end < formula.end)).toBe(false);
          from = end;
        }
      }),
      { numRuns: 300 },
    );
  });

  test('long texts without a suitable position are split in one pass', () => {
    for (const unit of ['x', 'x ', '\n', 'x\n\n', '```\nx\n```\n', '$x$', '😀']) {
      const cut = splitBlocks(unit.repeat(200_000 / unit.length));
      expect(Math.max(...cut.slice(0, 100).map(({ start, end }) => end - start))).toBeLessThan(600_000);
    }
    // One code unit before them shifts every pair, so that a limit is in the middle of one.
    const pairs = `x${'😀'.repeat(5_000)}`;
    for (const { start, end } of splitBlocks(pairs)) expect(pairs.slice(start, end)).not.toMatch(/\p{Surrogate}/u);
    expect(Math.max(...splitBlocks('x'.repeat(100_000)).map(({ start, end }) => end - start))).toBeLessThan(4_000);
  });
});

describe.skipIf(!sharedData)(`on real traces${sharedData ? '' : ` (skipped: ${absent})`}`, () => {
  test('no block is long, and none splits a formula', () => {
    for (const row of rows('traces/thought_anchors_math.jsonl')) {
      const text = String(row.trace);
      const maths = findMaths(text);
      for (const { start, end } of splitBlocks(text, maths)) {
        expect(end - start).toBeLessThanOrEqual(10_000);
        expect(maths.filter((formula) => formula.start < end && end < formula.end)).toEqual([]);
      }
    }
  });
});
