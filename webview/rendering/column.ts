import type { MathRange } from '../../src/core/text/index.ts';
import type { BlockView } from './block.ts';
import { Marks } from './marks.ts';
import { NearLimit } from './near-limit.ts';
import { boxAt } from './places.ts';
import { planStretches } from './plan-stretches.ts';
import type { Supply } from './slices.ts';
import { Stretch } from './stretch.ts';

/** A part of the text and the element of its blocks. */
export interface ColumnPart {
  element: HTMLElement;
  start: number;
  end: number;
}

/** How much of a text is rendered in the background. Text near the screen always is. */
export interface Reach {
  /** Whether all of the text is laid out, or only the beginning. */
  places: boolean;
  /** Blocks that begin before this offset are rendered, in UTF-16 code units. */
  rendered: number;
}

/** Formulas and blocks that are rendered in the background. Many more elements make the page slow. */
const UNSEEN_FORMULAS = 4_000;
const UNSEEN_BLOCKS = 10_000;
/** Stretches per group element: the browser checks all siblings whenever the text moves. */
const GROUP = 100;
/** Blocks whose new marks are rendered in one task: more than one label touches. */
const FEW_BLOCKS = 8;
/**
 * Elements that are added to the page before they come near the screen: per pixel of text, and in one place. After a jump, the browser lays
 * out four screens in one task, so denser blocks wait outside of the page.
 */
const UNSEEN_PER_PIXEL = 1;
const UNSEEN_AT_ONCE = 2_000;

/**
 * The blocks of a text of any length. The first stretch is added immediately, the rest in slices. Text near the screen is rendered first;
 * layout skips text far from the screen.
 */
export class TextColumn {
  readonly maths: MathRange[] = [];
  readonly #text: string;
  readonly #plan: Iterator<{ part: ColumnPart; stretch: Stretch }, void>;
  readonly #stretches: Stretch[] = [];
  readonly #near = new Set<Stretch | BlockView>();
  readonly #nearLimit = new NearLimit(
    () => this.near,
    () => this.onWork?.(),
  );
  readonly #ofElement = new WeakMap<Element, Stretch | BlockView>();
  #marks = new Marks([]);
  #planned = false;
  /** The stretch in which background work continues. */
  #cursor = 0;
  /** The last group element, with its estimated height in pixels and the number of its stretches. */
  #group = { element: document.createElement('div'), height: 0, count: GROUP };
  /** Estimated height of the text before the next stretch, in pixels. */
  #height = 0;
  /** Blocks that were rendered, and their formulas. */
  #rendered = 0;
  #formulas = 0;
  /** Elements of unseen blocks before the cursor, beyond what their height allows. */
  #crowd = 0;
  /** End of the planned text. */
  #end = 0;
  /** Called after a block was rendered. */
  onRendered: ((block: BlockView) => void) | undefined;
  /** Called when a rendered block comes near the screen. */
  onNear: ((block: BlockView) => void) | undefined;
  /** Called when there is work again. */
  onWork: (() => void) | undefined;
  /** Called after a stretch was planned, with the end of the planned text. */
  onPlanned: ((end: number) => void) | undefined;

  /** @param root Contains the elements of all parts. @param parts In the order of the text. */
  constructor(text: string, root: HTMLElement, parts: readonly ColumnPart[], marks: Marks) {
    this.#text = text;
    this.#marks = marks;
    this.#plan = this.#stretchesOf(parts);
    this.#planNext();
    if (this.#stretches[0] !== undefined) this.#open(this.#stretches[0]);
    // The browser reports when a stretch or block comes near the screen.
    root.addEventListener('contentvisibilityautostatechange', (event) => this.#visibilityChanged(event));
  }

  /** The next work: text near the screen, the layout of all text, then the blocks in order. */
  work({ places, rendered }: Reach): ReturnType<Supply> {
    for (const near of this.#near) {
      if (near instanceof Stretch) {
        this.#near.delete(near);
        if (!near.isOpen) return this.#openNear(near);
      } else if (!near.done && this.#nearLimit.admits(near)) return this.#render(near);
    }
    if (places && !this.#planned) return once(() => this.#planNext());
    for (; this.#cursor < this.#stretches.length && this.#mayRenderMore; this.#cursor += 1) {
      const stretch = this.#stretches[this.#cursor];
      if (stretch === undefined || stretch.start >= rendered) return undefined;
      if (!stretch.isOpen) return once(() => this.#open(stretch));
      for (; stretch.cursor < stretch.blocks.length && this.#mayRenderMore; stretch.cursor += 1) {
        const block = stretch.blocks[stretch.cursor];
        if (block === undefined || block.done || block.prepared !== undefined) continue;
        return block.start >= rendered ? undefined : this.#renderAhead(block);
      }
    }
    return undefined;
  }

  /** Whether background work may render more. */
  get #mayRenderMore(): boolean {
    return this.#formulas < UNSEEN_FORMULAS && this.#rendered < UNSEEN_BLOCKS;
  }

  /** Blocks that have nodes, in order. */
  get blocks(): readonly BlockView[] {
    return this.#stretches.flatMap(({ blocks }) => blocks);
  }

  /**
   * Sets the marks of all blocks. Rendered blocks with other marks are rendered again: immediately if they are few or near the screen,
   * otherwise in steps, since late grades change the marks of a whole text.
   */
  setMarks(marks: Marks): void {
    this.#marks = marks;
    const stale = this.blocks.filter((block) => block.setMarks(marks.within(block.start, block.end)));
    const urgent = stale.length <= FEW_BLOCKS ? stale : stale.filter((block) => this.#near.has(block));
    for (const block of urgent) this.renderNow(block);
    if (urgent.length === stale.length) return;
    this.#cursor = 0;
    for (const stretch of this.#stretches) stretch.cursor = 0;
    this.onWork?.();
  }

  renderNow(block: BlockView): void {
    block.renderNow();
    this.onRendered?.(block);
  }

  isPlanned(offset: number): boolean {
    return this.#planned || offset < this.#end;
  }

  /** The block at an offset; undefined while its text is not planned. */
  blockAt(offset: number): BlockView | undefined {
    if (!this.isPlanned(offset)) return undefined;
    const stretch = this.#stretches[firstWhere(this.#stretches, ({ end }) => end > offset)];
    if (stretch === undefined) return undefined;
    this.#open(stretch);
    return stretch.blocks[firstWhere(stretch.blocks, ({ end }) => end > offset)];
  }

  /** Blocks with nodes that reach into `[start, end)`. */
  blocksWithin(start: number, end: number): readonly BlockView[] {
    return this.blocks.filter((block) => block.start < end && block.end > start);
  }

  /** Block that a DOM node belongs to. */
  blockOf(node: Node): BlockView | undefined {
    const element = (node instanceof Element ? node : node.parentElement)?.closest('.block');
    const block = element === null || element === undefined ? undefined : this.#ofElement.get(element);
    return block instanceof Stretch ? undefined : block;
  }

  /** Rendered blocks near the screen. */
  get near(): readonly BlockView[] {
    return [...this.#near].flatMap((near) => (near instanceof Stretch ? [] : [near]));
  }

  isNear(block: BlockView): boolean {
    return this.#near.has(block);
  }

  /** The first block that begins on the screen, else the one that fills it. */
  blockInView(scroller: HTMLElement): BlockView | undefined {
    const view = scroller.getBoundingClientRect();
    const block = this.blockBelow(view.top + 1);
    const next = block === undefined ? undefined : this.blockAt(block.end);
    const isPartial = block !== undefined && topOf(block) < view.top - 4;
    return isPartial && next !== undefined && topOf(next) < view.bottom ? next : block;
  }

  /** Offset of the text at a height of the window. */
  offsetAtHeight(height: number): number {
    const stretch = this.#stretchBelow(height);
    if (stretch === undefined) return 0;
    const part = stretch.isOpen ? (this.blockBelow(height) ?? stretch) : stretch;
    const box = part.element.getBoundingClientRect();
    const share = box.height === 0 ? 0 : (height - box.top) / box.height;
    return Math.round(part.start + Math.min(1, Math.max(0, share)) * (part.end - part.start));
  }

  /** Scrolls a planned offset to the upper third of the screen, unless it is visible already. */
  reveal(scroller: HTMLElement, offset: number): void {
    const block = this.blockAt(offset);
    if (block === undefined) return;
    if (!block.done) this.renderNow(block);
    const move = (): void => {
      const view = scroller.getBoundingClientRect();
      const box = boxAt(block, offset);
      const seen = box.top > view.top + view.height * 0.12 && box.bottom < view.bottom - view.height * 0.2;
      if (!seen) scroller.scrollTop += box.top - view.top - view.height * 0.3;
    };
    move();
    // Estimated heights become exact near the screen: corrects the position.
    requestAnimationFrame(() => requestAnimationFrame(move));
  }

  /** Scrolls so that a planned offset is at the upper edge of the screen, by the estimated place in its block. */
  scrollTo(scroller: HTMLElement, offset: number): void {
    const block = this.blockAt(offset);
    if (block === undefined) return;
    const box = block.element.getBoundingClientRect();
    const share = (offset - block.start) / Math.max(1, block.end - block.start);
    scroller.scrollTop += box.top + share * box.height - scroller.getBoundingClientRect().top;
  }

  *#stretchesOf(parts: readonly ColumnPart[]): Generator<{ part: ColumnPart; stretch: Stretch }, void> {
    for (const part of parts) {
      for (const planned of planStretches(this.#text, part.start, part.end)) {
        for (const { maths } of planned) this.maths.push(...maths);
        yield { part, stretch: new Stretch(this.#text, planned) };
      }
    }
  }

  #planNext(): void {
    const next = this.#plan.next();
    if (next.done === true) {
      this.#planned = true;
    } else {
      const { part, stretch } = next.value;
      if (this.#height > window.innerHeight) stretch.element.classList.add('below');
      this.#height += stretch.estimate;
      this.#end = stretch.end;
      this.#ofElement.set(stretch.element, stretch);
      this.#stretches.push(stretch);
      this.#append(part, stretch);
    }
    this.onPlanned?.(this.#planned ? this.#text.length : this.#end);
  }

  #append(part: ColumnPart, stretch: Stretch): void {
    if (this.#group.count === GROUP || this.#group.element.parentElement !== part.element) {
      this.#group = { element: document.createElement('div'), height: 0, count: 0 };
      this.#group.element.className = 'stretches';
      part.element.append(this.#group.element);
    }
    this.#group.count += 1;
    this.#group.height += stretch.estimate;
    this.#group.element.style.containIntrinsicSize = `auto ${this.#group.height}px`;
    this.#group.element.append(stretch.element);
  }

  #open(stretch: Stretch): void {
    if (stretch.isOpen) return;
    stretch.open(this.#marks);
    let height = 0;
    for (const block of stretch.blocks) {
      if (stretch === this.#stretches[0] && height > window.innerHeight) block.element.classList.add('below');
      height += block.estimate;
      this.#ofElement.set(block.element, block);
    }
  }

  /** Opens a stretch that came near the screen: two elements for each block. */
  *#openNear(stretch: Stretch): Generator<number, void> {
    yield 2 * stretch.count;
    this.#open(stretch);
  }

  /** Renders a block near the screen. */
  *#render(block: BlockView): Generator<number | undefined, void> {
    if (block.prepared === undefined) {
      this.#count(block);
      if (!block.isSource) yield* block.prepare();
    }
    yield block.prepared;
    if (!this.#nearLimit.admits(block)) return;
    yield* block.render();
    this.onRendered?.(block);
  }

  /** Builds a block that is not near the screen, and puts it into the page if few elements are near it. */
  *#renderAhead(block: BlockView): Generator<number | undefined, void> {
    this.#count(block);
    yield* block.prepare();
    this.#crowd = Math.max(0, this.#crowd - block.estimate * UNSEEN_PER_PIXEL);
    const crowd = this.#crowd + (block.prepared ?? 0);
    // A block that is near the screen now is the next work.
    if (crowd > UNSEEN_AT_ONCE || this.#near.has(block)) return;
    this.#crowd = crowd;
    yield* block.render();
    this.onRendered?.(block);
  }

  #count({ formulas }: BlockView): void {
    this.#rendered += 1;
    this.#formulas += formulas;
  }

  #visibilityChanged(event: Event): void {
    const seen = event.target instanceof Element ? this.#ofElement.get(event.target) : undefined;
    if (seen === undefined) return;
    if ((event as ContentVisibilityAutoStateChangeEvent).skipped) {
      this.#near.delete(seen);
      if (!(seen instanceof Stretch)) this.#nearLimit.left(seen);
      return;
    }
    this.#near.add(seen);
    if (!(seen instanceof Stretch)) this.#nearLimit.entered(seen);
    if (!(seen instanceof Stretch) && seen.done) this.onNear?.(seen);
    else this.onWork?.();
  }

  #stretchBelow(height: number): Stretch | undefined {
    return firstOrLast(this.#stretches, ({ element }) => element.getBoundingClientRect().bottom > height);
  }

  /** The first block whose bottom is below a height of the window. */
  blockBelow(height: number): BlockView | undefined {
    const stretch = this.#stretchBelow(height);
    if (stretch === undefined) return undefined;
    this.#open(stretch);
    return firstOrLast(stretch.blocks, ({ element }) => element.getBoundingClientRect().bottom > height);
  }
}

/** Work of a single step. */
function* once(act: () => void): Generator<undefined, undefined> {
  act();
  yield undefined;
}

function topOf({ element }: BlockView): number {
  return element.getBoundingClientRect().top;
}

/** Index of the first item that fits, by binary search; the length of the list if none does. */
export function firstWhere<T>(list: readonly T[], fits: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = list[middle];
    if (item !== undefined && fits(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first item that fits, or else the last one. */
function firstOrLast<T>(list: readonly T[], fits: (item: T) => boolean): T | undefined {
  return list[Math.min(firstWhere(list, fits), list.length - 1)];
}
