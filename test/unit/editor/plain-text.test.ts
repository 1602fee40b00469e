import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainItem, plainRow, plainText } from '../../../src/editor/ui/plain-text.ts';

/** As VS Code's `parseLinkedText` and `renderLabelWithIcons` find links and icons. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
const ICON = /\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/;

const parts = fc.constantFrom(
  ...['[', ']', '(', ')', '$', '$(', '](', '[x](command:y)', '[a](https://b.example "t")', '$(alert)', '$(sync~spin)'],
  ...[
    'command:a',
    'file:',
    ' ',
    '\n',
    '\r\n',
    '\t',
    '\u061c',
    '\u200e',
    '\u200f',
    '\u202e',
    '\u2066',
    '\u200b',
    '\ufeff',
    '\u0000',
    '\u001b[31m',
    '😀',
  ],
  ...['\ud800', 'text', '"', '\\'],
);
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.array(parts, { maxLength: 40 }).map((all) => all.join('')),
);
const limits = fc.integer({ min: 1, max: 60 });

describe('plainText', () => {
  it('has no link, icon, control character or change of direction, whatever comes in', () => {
    fc.assert(
      fc.property(hostile, limits, fc.boolean(), (text, limit, lines) => {
        const shown = plainText(text, { limit, lines });
        expect(shown).not.toMatch(LINK);
        expect(shown).not.toMatch(ICON);
        expect(shown).not.toMatch(lines ? /(?!\n)\p{Cc}/u : /\p{Cc}/u);
        expect(shown).not.toMatch(/[\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(shown.length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('has no link where two of its results or a template around it would form one', () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        expect(plainText(`[${plainText(a)}](${plainText(b)})`)).not.toMatch(LINK);
        expect(plainText(`$(${plainText(a)})`)).not.toMatch(ICON);
      }),
    );
  });

  it('leaves a text without notations and control characters unchanged', () => {
    const harmless = fc
      .string({ unit: 'grapheme', maxLength: 200 })
      .filter(
        (text) => !/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|\]\(|\$\(/u.test(text),
      );
    fc.assert(
      fc.property(harmless, (text) => {
        expect(plainText(text)).toBe(text);
      }),
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(hostile, limits, (text, limit) => {
        const once = plainText(text, { limit });
        expect(plainText(once, { limit })).toBe(once);
      }),
    );
  });

  it.each([
    ['[x](command:y)', '[x]\u200b(command:y)'],
    ['cost: $(5)', 'cost: $\u200b(5)'],
    ['two\nlines', 'two lines'],
    ['evil\u202egnp.exe', 'evil gnp.exe'],
    ['1\u200e2\u200f3\u061c4', '1 2 3 4'],
    ['f(x)[0] and $5', 'f(x)[0] and $5'],
  ])('shows %j as %j', (text, shown) => {
    expect(plainText(text)).toBe(shown);
  });

  it('ends a long text in an ellipsis, never in half a character', () => {
    expect(plainText('abcdef', { limit: 4 })).toBe('abc…');
    expect(plainText('ab😀def', { limit: 4 })).toBe('ab…');
    expect(plainText('x'.repeat(5_000_000))).toHaveLength(1000);
  });

  it('keeps line breaks on request', () => {
    expect(plainText('a\r\nb\n\tc', { lines: true })).toBe('a \nb\n c');
  });
});

describe('plainRow', () => {
  it('reads an icon from its field only', () => {
    const row = { icon: 'play', label: '$(check) a', description: '$(b)', detail: '[c](command:d)', value: 7 };
    expect(plainRow(row)).toEqual({
      icon: 'play',
      label: '$(play) $\u200b(check) a',
      description: '$\u200b(b)',
      detail: '[c]\u200b(command:d)',
      value: 7,
    });
  });
});

describe('plainItem', () => {
  it('makes a label plain that is an object, and removes its highlights then', () => {
    const highlights: [number, number][] = [[0, 1]];
    expect(plainItem({ label: { label: '$(check) a', highlights } })).toEqual({ label: { label: '$\u200b(check) a' } });
    expect(plainItem({ label: { label: 'a', highlights } })).toEqual({ label: { label: 'a', highlights } });
  });

  it('makes all its texts plain', () => {
    const item = { label: '[a](command:b)', description: 'x\u202ey', tooltip: '$(bug)\nz' };
    expect(plainItem(item)).toEqual({ label: '[a]\u200b(command:b)', description: 'x y', tooltip: '$\u200b(bug)\nz' });
  });
});
