// @vitest-environment happy-dom
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rendered } from './dom.ts';

/** What a block shows, formulas as their source. */
function shown(text: string): string {
  const { leaves } = rendered(text);
  return leaves
    .map(({ node, start, end }) =>
      node instanceof HTMLElement && node.classList.contains('formula') ? text.slice(start, end) : node.textContent,
    )
    .join('');
}

/** White space is laid out by Markdown: line ends around displayed formulas, margins, blank lines. */
const solid = (text: string): string => text.replace(/\s+/g, '');

describe('the shown text equals the source outside formulas', () => {
  test('an unterminated delimiter and commands of LaTeX keep their backslash', () => {
    for (const text of [
      ...[
        'So \\( x = 5 and',
        'the \\[ y',
        'a \\$ sign',
        'wide\\, gap',
        '\\{1, 2\\}',
        'ends in \\\\',
        '\\\\(',
        'x \\) y',
      ],
      ...['*a* \\( x', 'a \\\nb', '50\\% of \\#1 \\& \\_', '- item \\(', '| a \\( | b |\n| - | - |\n| \\[ c | d |'],
    ]) {
      const markup = /[*|-]/g;
      expect(solid(shown(text)).replace(markup, ''), text).toBe(solid(text).replace(markup, ''));
    }
  });

  const plain = fc.constantFrom(
    ...[
      '\\',
      '\\\\',
      '(',
      ')',
      '\\(',
      '\\)',
      '[',
      ']',
      '\\[',
      '\\]',
      '$',
      '$$',
      '\\$',
      '{',
      '}',
      '\\{',
      ',',
      '\\,',
      '%',
    ],
    ...[
      'a',
      'bc',
      // Not a digit alone: `5)` at the beginning of a line is a list, which is Markdown syntax.
      '=5',
      ' ',
      '\n',
      '\n\n',
      'x^2',
      '=',
      '!',
      '😀',
      '\\frac',
      '\\begin{align}',
      '\\end{align}',
      '\\boxed{',
    ],
    ...['&amp;', '&lt;', '&#36;', '&#x1d465;', '&nbsp;', '&', ';', '&am', 'p;'],
  );
  test('of text without Markdown syntax, every sign', () => {
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        expect(solid(shown(text))).toBe(solid(text));
      }),
      { numRuns: 1_500 },
    );
  });

  // Letters in the place of digits: the number of a list is shown by the list.
  const marked = fc.oneof(
    plain.filter((part) => !/\d/.test(part)),
    fc.constantFrom(
      '*',
      '**',
      '_',
      '`',
      '```',
      '~~',
      '# ',
      '- ',
      '| ',
      '|\n|-|\n',
      '> ',
      '+ ',
      '\\*',
      '\\_',
      '\\`',
      '\n',
    ),
  );
  test('of text with Markdown syntax, every other sign in its order', () => {
    const syntax = /[*_`~#|+>:-]/g;
    fc.assert(
      fc.property(fc.array(marked, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        expect(solid(shown(text).replace(syntax, ''))).toBe(solid(text.replace(syntax, '')));
      }),
      { numRuns: 1_500 },
    );
  });
});
