import type { List, ListItem, Nodes, Parents, PhrasingContent, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import type { MathRange } from '../../src/core/text/index.ts';
import { align, type Run } from './align.ts';

type Tag =
  | ('p' | 'h3' | 'h4' | 'h5' | 'ul' | 'ol' | 'li' | 'pre' | 'code' | 'em' | 'strong' | 'del')
  | ('table' | 'thead' | 'tbody' | 'tr' | 'th' | 'td');

/** The content of a block: text and formulas with their place in the source, inside plain elements. */
export type Shown =
  | { type: 'text'; run: Run }
  | { type: 'formula'; maths: MathRange }
  | { type: 'break' }
  | { type: 'rule' }
  | { type: 'element'; tag: Tag; role?: string; from?: number; children: Shown[] };

/**
 * Constructs that are shown as written, since they could send requests, hide text or remove signs: links, images, HTML, definitions,
 * footnotes, indented code, character references, a backslash at the end of a line. In maths, `>` and `=` are usually relations.
 */
const NOT_PARSED = [
  ...['autolink', 'definition', 'htmlFlow', 'htmlText', 'labelEnd'],
  ...['wwwAutolink', 'protocolAutolink', 'emailAutolink', 'gfmFootnoteCall', 'gfmFootnoteDefinition'],
  ...['gfmPotentialFootnoteCall', 'tasklistCheck', 'codeIndented', 'setextUnderline', 'blockQuote', 'hardBreakEscape'],
  'characterReference',
];

const extensions = [gfm({ singleTilde: false }), { disable: { null: NOT_PARSED } }];
// The transforms make links without a place in the source.
const mdastExtensions = gfmFromMarkdown().filter(({ transforms }) => transforms === undefined);

/** Replaces a code unit of a formula during parsing: a letter for Markdown. */
const MASK = '\ue000';

/** Replaces a backslash that Markdown would remove. */
const KEPT_ESCAPE = '\ue001';
/** Signs that a backslash escapes; before others it is shown, since it may be LaTeX. */
const ACTIVE = /[*_`~|#+.&\n\r-]/;

/** Anything that Markdown could read as markup, after formulas were masked. */
const MARKUP =
  /[*_`~|]|\\[!-/:-@[-`{-~\r\n]|^[ \t]*(?:#{1,6}(?:[ \t]|$)|[-+][ \t]|-{3,}|\d{1,9}[.)](?:[ \t]|$))|[ \t]{2}$/m;

/** Maximum number of markup signs in a block: the parser is quadratic in them. */
const MOST_MARKUP = 400;
/** Signs that cost parsing time; list items and hard breaks cost several times as much. */
const MARKUP_SIGN = /[*_`~|\\]|(?<slow>^[ \t]*(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)|[ \t]{2}$)/gm;
const SLOW = 4;
/** Lists nested on one line: hundreds would overflow the parser's stack. */
const NESTED_MARKERS = /^[ \t]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+){6}/m;
/** Maximum nesting; deeper markup is shown as written. */
const DEEPEST = 12;

function isTooMuchMarkup(text: string): boolean {
  if (NESTED_MARKERS.test(text)) return true;
  let signs = 0;
  for (const { groups } of text.matchAll(MARKUP_SIGN)) {
    signs += groups?.slow === undefined ? 1 : SLOW;
    if (signs > MOST_MARKUP) return true;
  }
  return false;
}

/**
 * Parses the block `[start, end)` of a text as Markdown. Formulas are masked by as many placeholders as they have code units, so offsets
 * are those of the source. `maths` are the formulas of the text or of the block, in order.
 */
export function readBlock(source: string, start: number, end: number, maths: readonly MathRange[]): Shown[] {
  const inside = maths.filter((formula) => formula.start >= start && formula.end <= end);
  const parts: string[] = [];
  let at = start;
  for (const formula of inside) {
    parts.push(source.slice(at, formula.start), MASK.repeat(formula.end - formula.start));
    at = formula.end;
  }
  parts.push(source.slice(at, end));
  // The parser removes a byte order mark, which would shift all offsets.
  const masked = parts
    .join('')
    .replace(/^\ufeff/, '\u2060')
    .replace(/\\([\s\S])/g, (pair, sign: string) =>
      ACTIVE.test(sign) ? pair : sign === '\\' ? KEPT_ESCAPE + KEPT_ESCAPE : KEPT_ESCAPE + sign,
    );
  const reader = new Reader(source, masked, start, inside);
  // Most blocks are plain sentences and formulas, and parsing takes longer than typesetting.
  if (!MARKUP.test(masked) || isTooMuchMarkup(masked)) return [reader.plain()];
  const tree = fromMarkdown(masked, { extensions, mdastExtensions });
  return reader.children(tree);
}

class Reader {
  readonly #source: string;
  readonly #masked: string;
  readonly #offset: number;
  readonly #maths: readonly MathRange[];
  #depth = 0;

  constructor(source: string, masked: string, offset: number, maths: readonly MathRange[]) {
    this.#source = source;
    this.#masked = masked;
    this.#offset = offset;
    this.#maths = maths;
  }

  /** The block as one paragraph. */
  plain(): Shown {
    const end = this.#offset + this.#masked.trimEnd().length;
    return element('p', closeUp(this.#exact(this.#offset, end, true)));
  }

  children(parent: Parents): Shown[] {
    return parent.children.flatMap((child) => this.#node(child));
  }

  #node(node: Nodes): Shown[] {
    if (this.#depth === DEEPEST) return this.#asWritten(node);
    this.#depth += 1;
    const shown = this.#shown(node);
    this.#depth -= 1;
    return shown;
  }

  #shown(node: Nodes): Shown[] {
    switch (node.type) {
      case 'text':
        return this.#text(node.value, node, true);
      case 'inlineCode':
        return [element('code', this.#text(node.value, node, false))];
      case 'code':
        return this.#fenced(node.value, node);
      case 'paragraph':
        return [element('p', closeUp(this.children(node)))];
      case 'heading':
        // The title of a piece is a second-level heading.
        return [element(node.depth <= 2 ? 'h3' : node.depth === 3 ? 'h4' : 'h5', this.children(node))];
      case 'emphasis':
        return this.#attention(node, 'em', 1);
      case 'strong':
        return this.#attention(node, 'strong', 2);
      case 'delete':
        return [element('del', this.children(node))];
      case 'list':
        return [this.#list(node)];
      case 'table':
        return [this.#table(node)];
      case 'thematicBreak':
        return [{ type: 'rule' }];
      case 'break':
        return [{ type: 'break' }];
      default:
        return this.#asWritten(node);
    }
  }

  /** `2*3*4` is a product: stars between signs other than spaces are shown and are no emphasis. */
  #attention(node: Parents & { children: PhrasingContent[] }, tag: Tag, marks: number): Shown[] {
    const { from, to } = this.#place(node);
    const glued = /[\p{L}\p{N}\ue000)\]}]/u;
    const before = this.#masked.charAt(from - 1);
    const after = this.#masked.charAt(to);
    const product = this.#masked.charAt(from) === '*' && (glued.test(before) || /[\p{L}\p{N}\ue000([{]/u.test(after));
    if (!product) return [element(tag, this.children(node))];
    return [...this.#verbatim(from, from + marks), ...this.children(node), ...this.#verbatim(to - marks, to)];
  }

  #list(node: List): Shown {
    const items = node.children.map((item) => element('li', this.#item(item)));
    if (node.ordered === true) return { ...element('ol', items), from: node.start ?? 1 };
    // A minus at the start of a line may be a sign, so the marker is shown as written.
    const marker = this.#masked.charAt(this.#place(node).from);
    return { ...element('ul', items), role: marker === '-' ? 'dash' : marker === '+' ? 'plus' : 'star' };
  }

  /** A single paragraph becomes the content of the item. */
  #item(item: ListItem): Shown[] {
    const [only, ...more] = item.children;
    if (only?.type === 'paragraph' && more.every(({ type }) => type === 'list')) {
      return [...closeUp(this.children(only)), ...more.flatMap((node) => this.#node(node))];
    }
    return this.children(item);
  }

  #table(node: Table): Shown {
    const rows = node.children.map((row, index) =>
      element(
        'tr',
        row.children.map((cell, column) => ({
          // An empty cell must not be a heading.
          ...element(index === 0 && cell.children.length > 0 ? 'th' : 'td', this.children(cell)),
          role: node.align?.[column] ?? 'left',
        })),
      ),
    );
    return element('table', [element('thead', rows.slice(0, 1)), element('tbody', rows.slice(1))]);
  }

  /** A fenced block; the info string is shown above it. */
  #fenced(value: string, node: Nodes): Shown[] {
    const { from, to } = this.#place(node);
    const newline = this.#masked.indexOf('\n', from);
    const line = newline < 0 || newline > to ? to : newline;
    const info = /^[`~ \t]*/.exec(this.#masked.slice(from, line))?.[0].length ?? 0;
    const code = element('pre', this.#runs(value, Math.min(line + 1, to), to, false));
    return from + info < line ? [{ ...element('p', this.#verbatim(from + info, line)), role: 'info' }, code] : [code];
  }

  #text(value: string, node: Nodes, formulas: boolean): Shown[] {
    const { from, to } = this.#place(node);
    return this.#runs(value, from, to, formulas);
  }

  #asWritten(node: Nodes): Shown[] {
    const { from, to } = this.#place(node);
    return this.#verbatim(from, to);
  }

  #verbatim(from: number, to: number): Shown[] {
    return this.#runs(this.#masked.slice(from, to), from, to, true);
  }

  #place(node: Nodes): { from: number; to: number } {
    const from = node.position?.start.offset ?? 0;
    return { from, to: node.position?.end.offset ?? from };
  }

  /** Runs of a value in `[from, to)` of the block, with formulas instead of their placeholders. */
  #runs(value: string, from: number, to: number, formulas: boolean): Shown[] {
    return align(value, this.#masked, from, to).flatMap((run) => {
      const placed = { ...run, start: run.start + this.#offset, end: run.end + this.#offset };
      return run.exact ? this.#exact(placed.start, placed.end, formulas) : [{ type: 'text', run: placed }];
    });
  }

  #exact(start: number, end: number, formulas: boolean): Shown[] {
    const shown: Shown[] = [];
    let at = start;
    const text = (to: number): void => {
      if (to > at)
        shown.push({ type: 'text', run: { start: at, end: to, text: this.#source.slice(at, to), exact: true } });
      at = to;
    };
    if (formulas) {
      for (const maths of this.#maths) {
        if (maths.start < at || maths.start >= end) continue;
        text(maths.start);
        shown.push({ type: 'formula', maths });
        at = maths.end;
      }
    }
    text(end);
    return shown;
  }
}

/** Removes line ends around a displayed formula, which would be empty lines. */
function closeUp(children: Shown[]): Shown[] {
  const displayed = (node: Shown | undefined): boolean => node?.type === 'formula' && node.maths.display;
  return children.flatMap((node, index) => {
    if (node.type !== 'text' || !node.run.exact) return [node];
    let { start, end, text } = node.run;
    if (displayed(children[index - 1])) {
      const gap = /^[ \t]*\r?\n|^[ \t]+$/.exec(text)?.[0].length ?? 0;
      start += gap;
      text = text.slice(gap);
    }
    if (displayed(children[index + 1])) {
      text = text.replace(/(?<![ \t\r])[ \t]*\r?\n[ \t]*$/, '');
      end = start + text.length;
    }
    return text === '' ? [] : [{ type: 'text', run: { start, end, text, exact: true } }];
  });
}

function element(tag: Tag, children: Shown[]): Extract<Shown, { type: 'element' }> {
  return { type: 'element', tag, children };
}
