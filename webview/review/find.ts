import { formatCount } from '../../src/core/text/format.ts';
import type { BlockView } from '../rendering/block.ts';
import { partsWithin } from '../rendering/places.ts';
import type { TraceView } from '../rendering/trace.ts';
import { moveFocus } from '../ui/focus.ts';

/** Maximum number of matches. */
const MATCHES = 10_000;

interface Match {
  start: number;
  end: number;
}

/** All matches of a query in the text, ignoring case. */
export function findAll(text: string, query: string): Match[] {
  if (query === '') return [];
  const pattern = new RegExp(query.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu');
  const matches: Match[] = [];
  for (const match of text.matchAll(pattern)) {
    matches.push({ start: match.index, end: match.index + match[0].length });
    if (matches.length === MATCHES) break;
  }
  return matches;
}

/**
 * Finds text in the source, including formulas and text that is not rendered yet. Matches are painted with the highlight registry, which
 * does not change nodes; a formula with a match is framed.
 */
export class FindBar {
  readonly #element: HTMLElement;
  readonly #scroller: HTMLElement;
  readonly #input = document.createElement('input');
  readonly #count = document.createElement('span');
  readonly #restore: () => void;
  readonly #all = new Highlight();
  readonly #current = new Highlight();
  #trace: TraceView | undefined;
  #matches: Match[] = [];
  #index = -1;

  constructor(element: HTMLElement, scroller: HTMLElement, restore: () => void) {
    this.#element = element;
    this.#scroller = scroller;
    this.#restore = restore;
    this.#input.type = 'text';
    this.#input.setAttribute('aria-label', 'Find in source text');
    this.#input.placeholder = 'Find in source text';
    this.#count.className = 'dim';
    this.#count.setAttribute('role', 'status');
    element.append(this.#input, this.#count);
    element.hidden = true;
    this.#input.addEventListener('input', () => this.#search());
    element.addEventListener('keydown', (event) => this.#key(event));
    CSS.highlights.set('find', this.#all);
    CSS.highlights.set('find-current', this.#current);
  }

  open(trace: TraceView | undefined): void {
    this.#trace = trace;
    this.#element.hidden = false;
    moveFocus(this.#input);
    this.#input.select();
    this.#search();
  }

  /** Another trace is shown, or its text changed. */
  follow(trace: TraceView | undefined): void {
    this.#trace = trace;
    if (!this.#element.hidden) this.#search(false);
  }

  /** Paints the matches of a block after it was rendered, which removes highlights. */
  rendered(block: BlockView): void {
    if (this.#element.hidden || this.#matches.length === 0) return;
    this.#paintBlock(block);
  }

  close(): void {
    this.#element.hidden = true;
    this.#clear();
    this.#restore();
  }

  #key(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === 'Escape') this.close();
    else if (event.key === 'Enter') this.#step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  }

  #search(move = true): void {
    this.#clear();
    const trace = this.#trace;
    this.#matches = trace === undefined ? [] : findAll(trace.content.text, this.#input.value);
    if (trace === undefined || this.#matches.length === 0) {
      this.#count.replaceChildren(this.#input.value === '' ? '' : 'not found');
      return;
    }
    for (const block of trace.blocks) this.#paintBlock(block);
    const from = trace.visible(this.#scroller).start;
    const next = this.#matches.findIndex(({ start }) => start >= from);
    this.#index = Math.max(next, 0);
    this.#show(move);
  }

  #step(direction: 1 | -1): void {
    const { length } = this.#matches;
    if (length === 0) return;
    this.#index = (this.#index + direction + length) % length;
    this.#show(true);
  }

  #show(move: boolean): void {
    const match = this.#matches[this.#index];
    const block = match === undefined ? undefined : this.#trace?.blockAt(match.start);
    if (match === undefined || block === undefined) return;
    const { length } = this.#matches;
    this.#count.replaceChildren(
      `${formatCount(this.#index + 1)} of ${formatCount(length)}${length === MATCHES ? '+' : ''}`,
    );
    if (move) this.#trace?.reveal(this.#scroller, match.start);
    this.#current.clear();
    this.#trace?.element.querySelector('.found-current')?.classList.remove('found-current');
    const { ranges, elements } = partsWithin(block, match.start, match.end);
    for (const range of ranges) this.#current.add(range);
    elements[0]?.classList.add('found-current');
  }

  #paintBlock(block: BlockView): void {
    for (const match of this.#within(block)) {
      const { ranges, elements } = partsWithin(block, match.start, match.end);
      for (const range of ranges) this.#all.add(range);
      for (const element of elements) element.classList.add('found');
    }
  }

  /** Matches that reach into a block; they are in order. */
  #within({ start, end }: BlockView): Match[] {
    let low = 0;
    let high = this.#matches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#matches[middle]?.end ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    const found: Match[] = [];
    for (let match = this.#matches[low]; match !== undefined && match.start < end; match = this.#matches[low]) {
      found.push(match);
      low += 1;
    }
    return found;
  }

  #clear(): void {
    this.#matches = [];
    this.#index = -1;
    this.#all.clear();
    this.#current.clear();
    for (const element of this.#trace?.element.querySelectorAll('.found, .found-current') ?? []) {
      element.classList.remove('found', 'found-current');
    }
  }
}
