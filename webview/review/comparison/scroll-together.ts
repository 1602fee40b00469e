import { type Anchor, alongAnchors, phaseAnchors } from '../../../src/core/review/index.ts';
import type { SampleColumn } from './sample-column.ts';

/** Scrolls the other samples to the part that belongs to the one that is scrolled, by their phases. */
export class ScrollTogether {
  readonly #columns: () => readonly SampleColumn[];
  /** Anchors between two columns, valid for their texts and phases. */
  readonly #anchors = new WeakMap<SampleColumn, Map<SampleColumn, { key: readonly unknown[]; list: Anchor[] }>>();
  /** The column that the reviewer scrolls; the others follow. */
  #leader: SampleColumn | undefined;
  #frame = 0;
  on = true;

  constructor(columns: () => readonly SampleColumn[]) {
    this.#columns = columns;
  }

  /** Follows a new column. */
  watch(column: SampleColumn): void {
    for (const type of ['pointerdown', 'wheel', 'touchstart', 'keydown', 'focusin'] as const) {
      column.element.addEventListener(type, () => this.lead(column), { passive: true });
    }
    column.scroller.addEventListener(
      'scroll',
      () => {
        column.trace?.followScreen(column.scroller);
        if (column === this.#leader) this.#soon();
      },
      { passive: true },
    );
  }

  /** The column that is scrolled from now on. */
  lead(column: SampleColumn): void {
    this.#leader = column;
  }

  /** Aligns all columns with the leader now. */
  align(): void {
    const leader = this.#leader;
    if (!this.on || leader?.trace === undefined) return;
    const { start } = leader.trace.visible(leader.scroller);
    for (const column of this.#columns()) {
      if (column === leader || column.trace === undefined) continue;
      // Above the text are its margin and the title of its first piece.
      if (leader.scroller.scrollTop <= 0) column.scroller.scrollTop = 0;
      else column.trace.scrollTo(column.scroller, alongAnchors(this.#between(leader, column), start));
    }
  }

  #soon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.align();
    });
  }

  #between(a: SampleColumn, b: SampleColumn): Anchor[] {
    const key = [a.trace, a.view?.phases, b.trace, b.view?.phases];
    const of = this.#anchors.get(a) ?? new Map<SampleColumn, { key: readonly unknown[]; list: Anchor[] }>();
    this.#anchors.set(a, of);
    const known = of.get(b);
    if (known?.key.every((part, index) => part === key[index])) return known.list;
    const text = ({ view }: SampleColumn) => ({
      length: view?.trace.content.text.length ?? 0,
      runs: view?.phases ?? [],
    });
    const list = phaseAnchors(text(a), text(b));
    of.set(b, { key, list });
    return list;
  }
}
