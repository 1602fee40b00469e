import katex from 'katex';

/** Formulas kept ready: traces write `$x$` hundreds of times, and a copy costs a tenth of a typesetting. */
const KEPT = 3_000;
/** Longer formulas are rarely repeated. */
const KEPT_LENGTH = 200;

const kept = new Map<string, HTMLElement>();

/**
 * A formula as DOM nodes; `source` is `tex` with its delimiters. What TeX can't read is shown as its source, marked, with
 * the reason as its title. The input is hostile: nothing is trusted, expansion and sizes are bounded, and no definition outlives its formula.
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
  const element = document.createElement('span');
  element.className = display ? 'formula display' : 'formula';
  try {
    katex.render(tex, element, {
      displayMode: display,
      throwOnError: true,
      strict: 'ignore',
      trust: false,
      maxExpand: 500,
      maxSize: 20,
      macros: {},
      output: 'htmlAndMathml',
    });
  } catch (error) {
    // KaTeX's own error node would set a style attribute, which the content policy refuses.
    element.className = 'formula broken';
    element.title = error instanceof Error ? error.message : String(error);
    element.replaceChildren(source);
  }
  return element;
}
