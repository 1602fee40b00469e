import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMaths, splitBlocks } from '../../../src/core/text/index.ts';
import { readBlock, type Shown } from '../../../webview/rendering/markdown.ts';
import { absent, rows, sharedData } from '../text/shared.ts';

const read = (text: string): Shown[] => readBlock(text, 0, text.length, findMaths(text));

/** What is shown, as a person would write it down: tags, text, `<formula>`. */
function sketch(shown: readonly Shown[]): string {
  return shown
    .map((node) => {
      if (node.type === 'text') return node.run.text;
      if (node.type === 'formula') return '⟨maths⟩';
      if (node.type === 'element') return `<${node.tag}>${sketch(node.children)}</${node.tag}>`;
      return `<${node.type}>`;
    })
    .join('');
}

function leaves(shown: readonly Shown[]): { start: number; end: number; text?: string; exact: boolean }[] {
  return shown.flatMap((node) => {
    if (node.type === 'text') return [node.run];
    if (node.type === 'formula') return [{ start: node.maths.start, end: node.maths.end, exact: false }];
    return node.type === 'element' ? leaves(node.children) : [];
  });
}

describe('readBlock', () => {
  test('reads Markdown around formulas', () => {
    expect(sketch(read('**Step 1** with $x_1$ and `code`'))).toBe(
      '<p><strong>Step 1</strong> with ⟨maths⟩ and <code>code</code></p>',
    );
    expect(sketch(read('### A title\n\n1. one\n2. two'))).toContain('<h4>A title</h4>');
    expect(sketch(read('| $|x|$ | b |\n| --- | --- |\n| 1 | 2 |'))).toContain('<th>⟨maths⟩</th>');
  });

  test('keeps signs that only look like markup: products, relations, minus', () => {
    expect(sketch(read('2*3*4 = 24 and a**b**c'))).toBe('<p>2*3*4 = 24 and a**b**c</p>');
    expect(sketch(read('x\n> 5\n= 7'))).toBe('<p>x\n> 5\n= 7</p>');
    expect(sketch(read('about ~$0.79 to ~$0.85'))).toBe('<p>about ~$0.79 to ~$0.85</p>');
    expect(read('= 10\n- 4').at(-1)).toMatchObject({ tag: 'ul', role: 'dash' });
  });

  test('shows links, images, HTML, definitions and footnotes as they are written', () => {
    for (const text of [
      '[a](https://example.org) and ![b](https://example.org/b.png)',
      '<img src=x onerror="alert(1)">',
      'https://example.org or <https://example.org>',
      '[a]: https://example.org',
      'a footnote[^1]',
    ]) {
      expect(sketch(read(text)), text).toBe(`<p>${text}</p>`);
    }
  });

  test('keeps character references and the backslash of escapes as they are written', () => {
    for (const text of ['Q1 (&#36;100K) \\{1, 2\\}', 'a &lt; b &amp;&amp; c, &#x1d465; = 2'])
      expect(sketch(read(text))).toBe(`<p>${text}</p>`);
    expect(sketch(read('**a** `&lt;` &gt;'))).toBe('<p><strong>a</strong> <code>&lt;</code> &gt;</p>');
  });

  test('a plain paragraph read without Markdown looks as one read with it', () => {
    const plain = 'Some words, a sum 1 + 2 = 3,\nand $x$ too. (Right?) "Yes."';
    const marked = sketch(read(`${plain} **b**`)).replace(' <strong>b</strong>', '');
    expect(sketch(read(plain))).toBe(marked);
  });

  const hostile = fc.string({
    unit: fc.constantFrom(
      ...['a', ' ', '\n', '*', '**', '_', '`', '~~', '#', '- ', '1. ', '|', '\\', '&amp;', '&#x41;', '>', '<b>', '$x$'],
      ...['\\(y\\)', '\\[\nz\n\\]', '😀', '\0', '\ufeff', '\t', '\r\n', '\ue000'],
    ),
    maxLength: 60,
  });

  test('exact runs equal the source, and all shown text is in the block in order', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        let from = 0;
        for (const { start, end, text: shown, exact } of leaves(read(text))) {
          if (exact && shown !== text.slice(start, end)) return false;
          if (start < from || end < start || end > text.length) return false;
          from = end;
        }
        return true;
      }),
      { numRuns: 1_000 },
    );
  });

  test('every formula of the block is shown exactly once', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const maths = findMaths(text);
        const shown = sketch(readBlock(text, 0, text.length, maths)).split('⟨maths⟩').length - 1;
        const inCode = sketch(readBlock(text, 0, text.length, maths)).includes('<code>');
        return inCode ? shown <= maths.length : shown === maths.length;
      }),
      { numRuns: 500 },
    );
  });

  test('no letter or digit of a text is lost', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('ab', '12', ' ', '\n', '*', '_', '-', '#', '`', '|') }), (text) => {
        const kept = leaves(read(text)).map(({ text: shown = '' }) => shown);
        // A fence's word and a list's number are markup: they are shown by other means.
        fc.pre(!/^\s*(?:```|\d+[.)])/m.test(text));
        expect(kept.join('').replace(/[^a-z\d]/g, '')).toBe(text.replace(/[^a-z\d]/g, ''));
      }),
      { numRuns: 500 },
    );
  });
});

describe.skipIf(!sharedData)(`on real traces${sharedData ? '' : ` (skipped: ${absent})`}`, () => {
  test('all formulas are shown, and every word is', () => {
    for (const row of rows('traces/thought_anchors_math.jsonl').slice(0, 12)) {
      const text = String(row.trace);
      const maths = findMaths(text);
      const shown = splitBlocks(text, maths).flatMap(({ start, end }) => leaves(readBlock(text, start, end, maths)));
      expect(shown.filter(({ text: words }) => words === undefined)).toHaveLength(maths.length);
      const letters = (from: string): string => from.replace(/[^A-Za-z]/g, '');
      const prose = maths.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);
      expect(letters(shown.map(({ text: run = '' }) => run).join(''))).toBe(letters(prose));
    }
  });
});
