import { partsWithin } from './places.ts';
import type { TraceView } from './trace.ts';

/** One stretch of the source, painted over the page's own nodes: a place that was gone to, or what a drag would cover. */
export class Pointed {
  readonly #paint = new Highlight();
  #formulas: HTMLElement[] = [];

  constructor() {
    CSS.highlights.set('pointed', this.#paint);
  }

  show(trace: TraceView, start: number, end: number): void {
    this.clear();
    for (const block of trace.blocksWithin(start, end)) {
      const { ranges, elements } = partsWithin(block, start, end);
      for (const range of ranges) this.#paint.add(range);
      for (const element of elements) element.classList.add('pointed');
      this.#formulas.push(...elements);
    }
  }

  clear(): void {
    this.#paint.clear();
    for (const formula of this.#formulas.splice(0)) formula.classList.remove('pointed');
  }
}
