// @vitest-environment happy-dom
import './standards-mode.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formula } from '../../../webview/rendering/formula.ts';

/** Deepest nesting and number of the elements below a node. */
function sizeOf(root: Element): { depth: number; nodes: number } {
  const size = { depth: 0, nodes: 0 };
  const open = [{ node: root, depth: 1 }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    size.nodes += 1;
    size.depth = Math.max(size.depth, at.depth);
    for (const node of at.node.children) open.push({ node, depth: at.depth + 1 });
  }
  return size;
}

const shown = (tex: string): HTMLElement => formula(tex, true, `\\[${tex}\\]`);

const NESTING: readonly (readonly [string, string])[] = [
  ['\\sqrt{', '}'],
  ['\\frac{1}{', '}'],
  ['\\boxed{', '}'],
  ['x^{', '}'],
  ['\\overline{', '}'],
  ['\\cancel{', '}'],
  ['\\left(', '\\right)'],
  ['\\begin{pmatrix}', '\\end{pmatrix}'],
  ['\\phantom{', '}'],
  ['\\underbrace{', '}'],
  ['\\raisebox{1em}{', '}'],
  ['\\begingroup ', '\\endgroup '],
  ['\\text{$', '$}'],
  ['\\large ', ''],
  ['\\color{red} ', ''],
  ['\\sqrt\\frac1', ''],
];

/** Thirty nested roots of which no place of the source shows more than five. */
const HIDDEN = ['pa', 'pb', 'pc', 'pd', 'pe', 'pf']
  .map((name, index, names) => {
    const next = names[index + 1];
    return `\\def\\${name}{${'\\sqrt{'.repeat(5)}${next === undefined ? 'x' : `\\${next}`}${'}'.repeat(5)}}`;
  })
  .join('')
  .concat('\\pa');

describe('limits of a formula', () => {
  test.each(NESTING)('%s nested 12 times is typeset, 140 and 500 times it is shown as its source', (open, close) => {
    const nested = (times: number): string => `${open.repeat(times)}x${close.repeat(times)}`;
    if (open !== '\\sqrt\\frac1') expect(shown(nested(12)).className).toBe('formula display');
    for (const times of [140, 500]) {
      const element = shown(nested(times));
      const { depth } = sizeOf(element);
      expect(depth).toBeLessThan(165);
      if (element.classList.contains('broken')) {
        expect(element.textContent).toBe(`\\[${nested(times)}\\]`);
        expect(element.dataset.reason).toMatch(/^(?:Nested too deeply|Invalid LaTeX|Formula too long)$/);
      }
    }
  });

  test('macros that hide the depth or the length are refused', () => {
    for (const [tex, reason] of [
      [HIDDEN, 'Nested too deeply'],
      [`\\def\\a{${'x'.repeat(300)}}${'\\a'.repeat(300)}`, 'Invalid LaTeX'],
      ['\\def\\a#1{\\a{#1#1}}\\a x', 'Macros with arguments are not supported'],
      ['\\newcommand{\\a}[1]{\\a{#1#1}}\\a x', 'Macros with arguments are not supported'],
      ['\\def\\a{\\a\\a}\\a', 'Invalid LaTeX'],
    ] as const) {
      const element = shown(tex);
      expect(element.dataset.reason, tex).toBe(reason);
      expect(element.textContent).toBe(`\\[${tex}\\]`);
    }
    expect(shown('\\def\\half{\\frac12}\\half+\\half').className).toBe('formula display');
  });

  test('a long formula is shown as its source, and the longest of published traces is typeset', () => {
    expect(shown('\\phantom{x}'.repeat(500)).dataset.reason).toBe('Formula too long');
    expect(shown('é'.repeat(900)).dataset.reason).toBe('Formula too large');
    expect(shown(`${'x+y='.repeat(71)}z`).className).toBe('formula display');
  });

  test('a short inline formula is kept on its line, a long one may break, a longer one scrolls', () => {
    const inline = (tex: string): string => formula(tex, false, `\\(${tex}\\)`).className;
    expect(inline('x+y=z')).toBe('formula short');
    expect(inline('x+y='.repeat(20).concat('z'))).toBe('formula');
    expect(inline('x+y='.repeat(60).concat('z'))).toBe('formula wide');
  });

  test('no combination of commands makes a deep or large tree', () => {
    const part = fc.constantFrom(
      ...NESTING.map(([open]) => open),
      '}',
      '\\right)',
      '\\end{pmatrix}',
      'x',
      '1',
      '&',
      '\\\\',
      '^',
      '_',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 300 }), (parts) => {
        const { depth, nodes } = sizeOf(shown(parts.join('')));
        expect(depth).toBeLessThan(165);
        expect(nodes).toBeLessThan(4_010);
      }),
      { numRuns: 150 },
    );
  });
});
