// @vitest-environment happy-dom
import { describe, expect, test } from 'vitest';
import type { Span } from '../../../src/core/schemas/index.ts';
import { absent, rows, sharedData } from '../text/shared.ts';
import { rendered } from './dom.ts';

const span = (id: string, kind: Span['kind'], start: number, end: number): Span => ({
  id,
  kind,
  start,
  end,
  source: 'rule',
  confidence: 0.5,
});

describe('spans and candidates', () => {
  const text = 'So $x=2$ is **not** a root. Wait, check it.';

  test('a span wraps text, formulas and emphasis of its source range, and nothing else', () => {
    const { element } = rendered(text, [span('s', 'backtracking', 3, 27)]);
    const parts = [...element.querySelectorAll('[data-span="s"]')];
    expect(parts.map((part) => part.querySelector('annotation')?.textContent ?? part.textContent)).toEqual([
      'x=2',
      'not',
      ' a root.',
    ]);
  });

  test('spans may overlap, and each keeps its own line', () => {
    const { element } = rendered('one two three', [span('a', 'subgoal', 0, 7), span('b', 'backward', 4, 13)]);
    const textOf = (id: string) =>
      [...element.querySelectorAll(`[data-span="${id}"]`)].map((part) => part.textContent).join('');
    expect([textOf('a'), textOf('b')]).toEqual(['one two', 'two three']);
    expect(element.querySelector('[data-span="a"]')?.className).toContain('lane-0');
    expect(element.querySelector('[data-span="b"]')?.className).toContain('lane-1');
  });

  test('a formula is boxed whole, also when the candidate is a part of it', () => {
    const at = text.indexOf('2$');
    const { element } = rendered(
      text,
      [],
      [{ start: at, end: at + 1, answer: '2', how: 'boxed', outcome: 'incorrect' }],
    );
    expect(element.querySelector('.candidate.incorrect .formula')).not.toBeNull();
  });

  test('leaves have the source place of every shown character', () => {
    for (const { node, start, end } of rendered(text, [span('s', 'backtracking', 5, 30)]).leaves) {
      if (node instanceof Text) expect(node.data).toBe(text.slice(start, end));
    }
  });
});

describe('formulas', () => {
  test('broken LaTeX shows its source, marked, with the reason', () => {
    const { element } = rendered('So $\\frac{1}{$ it is');
    const broken = element.querySelector('.formula.broken');
    expect(broken?.textContent).toBe('$\\frac{1}{$');
    expect(broken?.getAttribute('title')).toContain('KaTeX parse error');
  });

  test('bombs are refused or bounded', () => {
    const { element } = rendered('$\\def\\a{\\a\\a}\\a$ and $\\rule{9999em}{9999em}$');
    expect(element.querySelectorAll('.formula')).toHaveLength(2);
    expect(element.querySelector('.broken')?.textContent).toContain('\\def');
    expect(element.querySelector<HTMLElement>('.katex-rule')?.style.borderTopWidth).toBe('20em');
  });

  test('a definition does not outlive its formula', () => {
    const { element } = rendered('$\\gdef\\foo{1}\\foo$ then $\\foo$');
    expect(element.querySelectorAll('.broken')).toHaveLength(1);
  });

  test('no formula may load, link or style by its own will', () => {
    const { element } = rendered(
      '$\\href{https://example.org}{a}$ $\\includegraphics{https://example.org/a.png}$ $\\htmlStyle{color:red}{b}$',
    );
    expect(element.querySelectorAll('a, img, [href], [src]')).toHaveLength(0);
  });
});

/** Elements that rendering makes; any other came out of a text. */
const PLAIN =
  'p h3 h4 h5 ul ol li pre code em strong del table thead tbody tr th td br hr span svg path line math semantics annotation';

function strangers(element: HTMLElement): string[] {
  const plain = new Set(PLAIN.split(' '));
  return [...element.querySelectorAll('*')].flatMap((node) => {
    const name = node.tagName.toLowerCase();
    const maths = node.closest('math') !== null;
    const attributes = node
      .getAttributeNames()
      .filter((attribute) => /^on|^(?:href|src|srcdoc|action|formaction)$/i.test(attribute));
    return [...(plain.has(name) || maths ? [] : [name]), ...attributes];
  });
}

describe.skipIf(!sharedData)(`hostile texts${sharedData ? '' : ` (skipped: ${absent})`}`, () => {
  test('payloads leave no element, handler or address of their own', () => {
    const texts = [
      ...rows('ugly/dompurify_payloads.jsonl').map(({ payload }) => String(payload)),
      ...rows('ugly/blns.jsonl').map(({ text }) => String(text)),
      ...rows('ugly/issue_snippets.jsonl').map(({ text }) => String(text)),
    ];
    expect(texts.length).toBeGreaterThan(300);
    for (const text of texts) {
      for (const dressed of [text, `\\(${text}\\) **${text}**`]) {
        expect(strangers(rendered(dressed).element), dressed).toEqual([]);
      }
    }
  });

  test('malformed formulas are shown as text, well-formed ones are typeset', () => {
    for (const { latex } of rows('ugly/katex_malformed_latex.jsonl')) {
      expect(() => rendered(`\\[${String(latex)}\\]`), String(latex)).not.toThrow();
    }
    const stress = rows('ugly/katex_stress_formulas.jsonl').map(
      ({ latex }) => rendered(`\\[${String(latex)}\\]`).element,
    );
    const typeset = stress.filter((element) => element.querySelector('.katex') !== null);
    console.log(`stress formulas typeset: ${typeset.length} of ${stress.length}`);
    expect(typeset.length / stress.length).toBeGreaterThan(0.8);
  });
});
