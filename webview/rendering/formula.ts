import * as katex from 'katex';
import { messageOf } from '../../src/core/errors.ts';
import { formulaLimit, treeLimit } from './formula-limits.ts';

/** Cached formulas: traces repeat `$x$` hundreds of times, and a copy costs a tenth of typesetting. */
const KEPT = 3_000;
/** Longer formulas are rarely repeated. */
const KEPT_LENGTH = 200;

const kept = new Map<string, HTMLElement>();

/** KaTeX's tree before it becomes nodes. The function is exported but has no types. */
interface Tree {
  children?: readonly Tree[];
  toNode(): Node;
}
const { __renderToDomTree: buildTree } = katex as unknown as {
  __renderToDomTree(tex: string, options: katex.KatexOptions): Tree;
};

/**
 * A formula as DOM nodes; `source` is `tex` with its delimiters. An invalid or too large formula is shown as its source, with a short reason
 * and the full reason as title. The input is untrusted: size, depth and expansions are limited, and definitions are local.
 */
export function formula(tex: string, display: boolean, source: string): HTMLElement {
  const known = kept.get(source);
  if (known !== undefined) return known.cloneNode(true) as HTMLElement;
  const element = typeset(tex, display, source);
  if (source.length <= KEPT_LENGTH) {
    if (kept.size >= KEPT) kept.clear();
    kept.set(source, element.cloneNode(true) as HTMLElement);
  }
  return element;
}

function typeset(tex: string, display: boolean, source: string): HTMLElement {
  const { reason, maxExpand, signs } = formulaLimit(tex);
  if (reason !== undefined) return asSource(source, reason, `${reason}: the source is shown.`);
  try {
    const tree = buildTree(tex, {
      displayMode: display,
      throwOnError: true,
      strict: 'ignore',
      trust: false,
      maxExpand,
      maxSize: 20,
      macros: {},
      output: 'htmlAndMathml',
    });
    // Macros hide the depth, which only the tree shows.
    const exceeded = treeLimit(tree);
    if (exceeded !== undefined) return asSource(source, exceeded, `${exceeded}: the source is shown.`);
    const element = document.createElement('span');
    element.className = display ? 'formula display' : inlineClass(signs);
    element.append(tree.toNode());
    return element;
  } catch (error) {
    // KaTeX's own error node has a style attribute, which the content policy blocks.
    return asSource(source, 'Invalid LaTeX', messageOf(error));
  }
}

/** A short inline formula stays on its line, a longer one breaks between its terms, and one longer than a line scrolls. */
function inlineClass(signs: number): string {
  if (signs <= 40) return 'formula short';
  return signs <= 150 ? 'formula' : 'formula wide';
}

function asSource(source: string, reason: string, title: string): HTMLElement {
  const element = document.createElement('span');
  element.className = 'formula broken';
  element.dataset.reason = reason;
  element.title = title;
  element.append(source);
  return element;
}
