/** The fixed elements of the page. */
export interface Skeleton {
  root: HTMLElement;
  header: HTMLElement;
  /** Facts, text and ribbon. */
  middle: HTMLElement;
  facts: HTMLElement;
  scroller: HTMLElement;
  find: HTMLElement;
  /** The tools of the lit span. */
  tools: HTMLElement;
  /** Below the text. */
  continuations: HTMLElement;
  /** The values of steps, beside the ribbon. */
  values: HTMLElement;
  ribbon: HTMLElement;
  ask: HTMLElement;
  footer: HTMLElement;
  /** Shown without a chain. */
  empty: HTMLElement;
}

export function buildSkeleton(root: HTMLElement): Skeleton {
  const place = (tag: string, className: string, label?: string): HTMLElement => {
    const element = document.createElement(tag);
    element.className = className;
    if (label !== undefined) element.setAttribute('aria-label', label);
    return element;
  };
  const header = place('header', 'heads');
  const facts = place('aside', 'facts', 'Facts');
  facts.id = 'facts';
  const scroller = place('main', 'scroller', 'Chain of thought');
  scroller.tabIndex = 0;
  const find = place('div', 'find');
  find.setAttribute('role', 'search');
  const tools = place('section', 'span-tools', 'Span');
  const ribbon = place('div', 'ribbon');
  // Screen readers get the same information from the labels of the spans.
  ribbon.setAttribute('aria-hidden', 'true');
  const values = place('div', 'values');
  // The facts list the same values as text.
  values.setAttribute('aria-hidden', 'true');
  const ask = place('div', 'ask-bar');
  const footer = place('footer', 'foot');
  const empty = place('p', 'empty');
  empty.setAttribute('role', 'status');
  const middle = place('div', 'middle');
  const text = place('div', 'text');
  const continuations = place('section', 'continuations', 'Continuations');
  text.append(find, scroller, tools, continuations);
  middle.append(facts, text, values, ribbon);
  root.className = 'reader';
  root.replaceChildren(header, middle, ask, footer);
  scroller.append(empty);
  return { root, header, middle, facts, scroller, find, tools, continuations, values, ribbon, ask, footer, empty };
}
