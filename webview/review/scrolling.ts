import type { Slices } from '../rendering/slices.ts';
import type { TraceView } from '../rendering/trace.ts';
import type { Skeleton } from './skeleton.ts';
import type { ChainView } from './views.ts';

interface ScrollingPage {
  page: Pick<Skeleton, 'scroller' | 'empty'>;
  slices: Slices;
  view(): ChainView | undefined;
  /** The text has another layout. */
  placed(): void;
  /** Another part of the text is on the screen. */
  scrolled(trace: TraceView | undefined): void;
}

/** Which trace is in the scrolled text, and where it is scrolled to. Keeps the places of earlier chains. */
export class Scrolling {
  readonly #page: ScrollingPage;
  /** Source offsets by chain. */
  readonly #tops = new Map<string, number>();
  #frame = 0;
  #scrollTop = 0;

  constructor(page: ScrollingPage) {
    this.#page = page;
    const { scroller } = page.page;
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => {
      page.view()?.trace.layoutAgain();
      this.placed();
    }).observe(scroller);
  }

  /** Where a chain is scrolled to when it is shown next. @param top A source offset. */
  remember(chainId: string, top: number): void {
    this.#tops.set(chainId, top);
  }

  /**
   * Replaces the trace. After an edit of the same chain, the scroll position stays.
   * @param leave Called before the trace that is left is removed.
   * @returns the offset that must be revealed once the trace is ready
   */
  swap(left: ChainView | undefined, view: ChainView | undefined, leave: (isSame: boolean) => void): number | undefined {
    const { page, slices } = this.#page;
    const { scroller, empty } = page;
    const same = left !== undefined && left.item.chain.id === view?.item.chain.id;
    const seen = left?.trace.visible(scroller).start;
    const top = same ? seen : this.#tops.get(view?.item.chain.id ?? '');
    if (left !== undefined && seen !== undefined) this.#tops.set(left.item.chain.id, seen);
    leave(same);
    const entering = view?.trace;
    if (entering !== undefined && (top ?? 0) === 0) entering.entering = true;
    slices.holdUntilPaint(() => {
      if (entering !== undefined) entering.entering = false;
      this.#scrolled();
    });
    scroller.replaceChildren(entering?.element ?? empty);
    // Setting the position costs a layout.
    if (this.#scrollTop > 0) scroller.scrollTop = 0;
    return top;
  }

  /** The text has another layout. */
  placed(): void {
    this.#page.placed();
    this.#scrolled();
  }

  #scrolled(): void {
    if (this.#frame !== 0) return;
    const { page, view, scrolled } = this.#page;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#scrollTop = page.scroller.scrollTop;
      const trace = view()?.trace;
      trace?.followScreen(page.scroller);
      scrolled(trace);
    });
  }
}
