import { partsWithin } from './places.ts';
import type { TraceView } from './trace.ts';

/** A highlighted range of the source: the target of a move, or the place of a drag. Does not change nodes. */
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
