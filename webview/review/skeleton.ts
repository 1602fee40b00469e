/** The fixed places of the page. */
export interface Skeleton {
  root: HTMLElement;
  header: HTMLElement;
  facts: HTMLElement;
  scroller: HTMLElement;
  find: HTMLElement;
  ribbon: HTMLElement;
  ask: HTMLElement;
  footer: HTMLElement;
  /** Shown in the place of the text when the queue is empty. */
  empty: HTMLElement;
}

export function buildSkeleton(root: HTMLElement): Skeleton {
  const place = (tag: string, className: string, label?: string): HTMLElement => {
    const element = document.createElement(tag);
    element.className = className;
    if (label !== undefined) element.setAttribute('aria-label', label);
    return element;
  };
  const header = place('header', 'head');
  const facts = place('aside', 'facts', 'Facts');
  facts.id = 'facts';
  const scroller = place('main', 'scroller', 'Chain of thought');
  scroller.tabIndex = 0;
  const find = place('div', 'find');
  find.setAttribute('role', 'search');
  const ribbon = place('div', 'ribbon');
  // The ribbon repeats for the eye what the spans' labels say; the keys ] and [ walk the same stops.
  ribbon.setAttribute('aria-hidden', 'true');
  const ask = place('div', 'ask-bar');
  const footer = place('footer', 'foot');
  const empty = place('p', 'empty');
  empty.append('Nothing to review under this filter. New chains appear here while a round runs.');
  const middle = place('div', 'middle');
  const text = place('div', 'text');
  text.append(find, scroller);
  middle.append(facts, text, ribbon);
  root.className = 'reader';
  root.replaceChildren(header, middle, ask, footer);
  scroller.append(empty);
  return { root, header, facts, scroller, find, ribbon, ask, footer, empty };
}
