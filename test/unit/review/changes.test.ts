import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyChanges,
  changesFromField,
  diffToChanges,
  mapSegments,
  mapSpans,
} from '../../../src/core/review/index.ts';
import type { Segment, TextChange } from '../../../src/core/schemas/index.ts';

const unicode = fc.string({ unit: 'grapheme', maxLength: 60 });

/** A text and changes that fit it. */
const edited = unicode.chain((text) =>
  fc.array(fc.tuple(fc.nat(text.length), fc.string({ maxLength: 6 })), { maxLength: 8 }).map((points) => {
    const cuts = points.map(([at]) => at).sort((a, b) => a - b);
    const changes: TextChange[] = [];
    for (let index = 0; index + 1 < cuts.length; index += 2) {
      const [start = 0, end = 0] = cuts.slice(index, index + 2);
      changes.push({ start, end, insert: points[index]?.[1] ?? '' });
    }
    return { text, changes };
  }),
);

/** The naive reference: every code unit of the new text knows which old one it was, or -1. */
function origins(text: string, changes: readonly TextChange[]): number[] {
  const result: number[] = [];
  let from = 0;
  for (const { start, end, insert } of changes) {
    for (let index = from; index < start; index += 1) result.push(index);
    for (let index = 0; index < insert.length; index += 1) result.push(-1);
    from = end;
  }
  for (let index = from; index < text.length; index += 1) result.push(index);
  return result;
}

describe('diffToChanges', () => {
  test('its changes turn the old text into the new one', () => {
    fc.assert(
      fc.property(unicode, unicode, (before, after) => {
        expect(applyChanges(before, diffToChanges(before, after))).toBe(after);
      }),
    );
  });

  test('edits within a text come back as that text', () => {
    fc.assert(
      fc.property(edited, ({ text, changes }) => {
        const after = applyChanges(text, changes);
        expect(applyChanges(text, diffToChanges(text, after))).toBe(after);
      }),
    );
  });

  test('no change splits a surrogate pair', () => {
    const emoji = fc.string({ unit: fc.constantFrom('😀', '😁', '𝑥', '𝑦', 'a'), maxLength: 30 });
    fc.assert(
      fc.property(emoji, emoji, (before, after) => {
        for (const { start, end, insert } of diffToChanges(before, after)) {
          for (const part of [before.slice(0, start), before.slice(start, end), insert]) {
            expect(part).not.toMatch(/\p{Surrogate}/u);
          }
        }
      }),
    );
  });

  test('two long texts without a common line are compared without a character diff', () => {
    const before = Array.from({ length: 9_000 }, (_, index) => `old ${index}`).join('\n');
    const after = Array.from({ length: 9_000 }, (_, index) => `fresh line ${index * 7}`).join('\n');
    expect(applyChanges(before, diffToChanges(before, after))).toBe(after);
  });

  test('one word in a long text is one small change', () => {
    const before = `${'A line of text.\n'.repeat(5_000)}The sum is 11.\n${'And so on.\n'.repeat(5_000)}`;
    const changes = diffToChanges(before, before.replace('sum is 11', 'sum is 9'));
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ insert: '9' });
  });
});

describe('changesFromField', () => {
  test('line ends that were not touched stay as they were', () => {
    const before = 'one\r\ntwo\r\nthree\rfour\nfive';
    const changes = changesFromField(before, 'one\ntwo and a half\nthree\nfour\nfive');
    expect(applyChanges(before, changes)).toBe('one\r\ntwo and a half\r\nthree\rfour\nfive');
  });

  test('for any text, giving it back untouched changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\r', '\n', '\r\n') }), (before) => {
        expect(changesFromField(before, before.replace(/\r\n?/g, '\n'))).toEqual([]);
      }),
    );
  });
});

test('changes made on another version of the text are refused with a reason', () => {
  expect(() => applyChanges('short', [{ start: 3, end: 9, insert: '' }])).toThrow('do not fit a text of 5 characters');
  expect(() =>
    applyChanges('short', [
      { start: 3, end: 4, insert: '' },
      { start: 1, end: 2, insert: '' },
    ]),
  ).toThrow(/another version/);
});

describe('mapSpans', () => {
  const spanned = edited.chain(({ text, changes }) =>
    fc.tuple(fc.nat(text.length), fc.nat(text.length)).map(([a, b]) => ({
      text,
      changes,
      span: { start: Math.min(a, b), end: Math.max(a, b) },
    })),
  );

  test('a span keeps every surviving character it covered and takes in no other', () => {
    fc.assert(
      fc.property(spanned, ({ text, changes, span }) => {
        const from = origins(text, changes);
        const [mapped] = mapSpans([span], changes);
        from.forEach((origin, index) => {
          if (origin < 0) return;
          const covered = mapped !== undefined && index >= mapped.start && index < mapped.end;
          expect(covered).toBe(origin >= span.start && origin < span.end);
        });
      }),
    );
  });

  const map = (text: string, marked: string, changes: TextChange[]): string | undefined => {
    const start = text.indexOf(marked);
    const [span] = mapSpans([{ start, end: start + marked.length }], changes);
    return span && applyChanges(text, changes).slice(span.start, span.end);
  };
  const text = 'First this. Wait, check it. Then that.';

  test('a word replaced inside belongs to the span, also at its edges', () => {
    expect(map(text, 'Wait, check it.', [{ start: 12, end: 16, insert: 'Hold on' }])).toBe('Hold on, check it.');
    expect(map(text, 'Wait, check it.', [{ start: 24, end: 27, insert: 'all of it.' }])).toBe('Wait, check all of it.');
  });

  test('text written right before or after a span stays outside', () => {
    expect(map(text, 'Wait, check it.', [{ start: 12, end: 12, insert: 'So. ' }])).toBe('Wait, check it.');
    expect(map(text, 'Wait, check it.', [{ start: 27, end: 27, insert: ' Yes.' }])).toBe('Wait, check it.');
  });

  test('of a replacement over an edge only the rest of the span is kept', () => {
    expect(map(text, 'Wait, check it.', [{ start: 6, end: 16, insert: 'X' }])).toBe(', check it.');
  });

  test('a span whose text is deleted vanishes', () => {
    expect(map(text, 'Wait, check it.', [{ start: 12, end: 28, insert: '' }])).toBeUndefined();
    expect(map(text, 'Wait, check it.', [{ start: 8, end: 30, insert: 'rewritten' }])).toBeUndefined();
  });
});

describe('mapSegments', () => {
  const segmented = edited
    .filter(({ text }) => text.length > 0)
    .chain(({ text, changes }) =>
      fc.array(fc.nat(text.length), { maxLength: 4 }).map((points) => {
        const cuts = [...new Set([0, ...points, text.length])].sort((a, b) => a - b);
        const segments = cuts.slice(1).map(
          (end, index): Segment => ({
            piece: `answer[${index + 1}]`,
            start: cuts[index] ?? 0,
            end,
            train: index > 0,
          }),
        );
        return { text, changes, segments };
      }),
    );

  test('segments still cover the text in order and without a gap', () => {
    fc.assert(
      fc.property(segmented, ({ text, changes, segments }) => {
        const after = applyChanges(text, changes);
        const mapped = mapSegments(segments, changes, text);
        expect(mapped.map(({ start, end }) => after.slice(start, end)).join('')).toBe(after);
        mapped.forEach(({ start, end }, index) => {
          expect(start).toBe(index === 0 ? 0 : mapped[index - 1]?.end);
          expect(end).toBeGreaterThan(start);
        });
      }),
    );
  });

  test('a surviving character stays in its segment', () => {
    fc.assert(
      fc.property(segmented, ({ text, changes, segments }) => {
        const mapped = mapSegments(segments, changes, text);
        origins(text, changes).forEach((origin, index) => {
          if (origin < 0) return;
          const was = segments.find(({ start, end }) => origin >= start && origin < end);
          const is = mapped.find(({ start, end }) => index >= start && index < end);
          expect(is?.piece).toBe(was?.piece);
        });
      }),
    );
  });

  test('what is written at the end of a piece, before the gap, belongs to that piece', () => {
    const text = 'An answer.\n\nA check.';
    for (const cut of [10, 12]) {
      const segments: Segment[] = [
        { piece: 'answer[1]', start: 0, end: cut, train: false },
        { piece: 'check[1]', start: cut, end: text.length, train: true },
      ];
      const changes = [{ start: 10, end: 10, insert: ' More.' }];
      const [first] = mapSegments(segments, changes, text);
      expect(applyChanges(text, changes).slice(0, first?.end).trimEnd()).toBe('An answer. More.');
    }
  });
});
