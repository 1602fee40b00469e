import type { BlockView } from './block.ts';

/**
 * Maximum number of elements of rendered blocks near the screen. On scrolling, the browser paints them in one task, at 1 to 2.5 ms per
 * 1,000 elements. The densest published trace has some 5,000 within four screens.
 */
export const MOST_NEAR = 6_000;
/** How far from the screen a block counts as seen, as a share of the height of the text's window. */
const SEEN_MARGIN = '25%';

/**
 * Limits the elements near the screen. Once a text exceeds the limit, only blocks on the screen are rendered, and others show their source.
 * Blocks on the screen that exceed the limit show their source too.
 */
export class NearLimit {
  readonly #near: () => readonly BlockView[];
  readonly #changed: () => void;
  readonly #seen = new Set<BlockView>();
  readonly #ofElement = new WeakMap<Element, BlockView>();
  #observer: IntersectionObserver | undefined;

  /** @param near Returns the blocks near the screen. @param changed Called when other blocks are on the screen. */
  constructor(near: () => readonly BlockView[], changed: () => void) {
    this.#near = near;
    this.#changed = changed;
  }

  /** Whether a built block may be added to the page now; removes others for a block on the screen. */
  admits(block: BlockView): boolean {
    if (block.prepared === undefined) return true;
    const most = MOST_NEAR - block.prepared;
    if (this.#elements() <= most && (this.#observer === undefined || this.#seen.has(block))) return true;
    if (this.#observer === undefined) this.#begin();
    if (!this.#seen.has(block)) return false;
    for (const other of this.#near()) if (!this.#seen.has(other)) retire(other);
    return this.#elements() <= most;
  }

  /** A block came near the screen. */
  entered(block: BlockView): void {
    if (this.#observer === undefined) return;
    this.#ofElement.set(block.element, block);
    this.#observer.observe(block.element);
  }

  /** A block is no longer near the screen. */
  left(block: BlockView): void {
    if (this.#observer === undefined) return;
    this.#observer.unobserve(block.element);
    this.#seen.delete(block);
    retire(block);
  }

  #elements(): number {
    return this.#near().reduce((sum, { elements }) => sum + elements, 0);
  }

  #begin(): void {
    const options: IntersectionObserverInit & { scrollMargin: string } = { scrollMargin: SEEN_MARGIN };
    this.#observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const block = this.#ofElement.get(target);
        if (block === undefined) continue;
        if (isIntersecting) this.#seen.add(block);
        else this.#seen.delete(block);
      }
      this.#changed();
    }, options);
    for (const block of this.#near()) this.entered(block);
  }
}

/** Shows the source of a block again, unless text is selected in it. */
function retire(block: BlockView): void {
  const selection = document.getSelection();
  const holds = (node: Node | null | undefined): boolean => node != null && block.element.contains(node);
  if (!holds(selection?.anchorNode) && !holds(selection?.focusNode)) block.retire();
}
