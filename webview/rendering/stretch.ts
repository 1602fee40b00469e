import { BlockView } from './block.ts';
import type { Marks } from './marks.ts';
import type { PlannedBlock } from './plan-stretches.ts';

/** Estimated height of a code unit of raw text, in pixels. */
const PIXELS_PER_UNIT = 0.32;
const PIXELS_PER_BLOCK = 30;

/** Neighbouring blocks of a text: plain text in one node, then blocks when the stretch is near the screen. */
export class Stretch {
  readonly element = document.createElement('div');
  readonly start: number;
  readonly end: number;
  /** The blocks in order; empty before `open`. */
  blocks: readonly BlockView[] = [];
  /** Rough height, in pixels, before it is laid out. */
  readonly estimate: number;
  /** Index of the block at which background work continues. */
  cursor = 0;
  readonly #text: string;
  #planned: readonly PlannedBlock[];

  constructor(text: string, planned: readonly PlannedBlock[]) {
    this.#text = text;
    this.#planned = planned;
    this.start = planned[0]?.block.start ?? 0;
    this.end = planned.at(-1)?.block.end ?? this.start;
    // Blank lines at the end would be shown, possibly thousands.
    const raw = text.slice(this.start, this.end).trimEnd();
    this.estimate = Math.round(raw.length * PIXELS_PER_UNIT + planned.length * PIXELS_PER_BLOCK);
    this.element.className = 'stretch raw';
    this.element.style.containIntrinsicSize = `auto ${this.estimate}px`;
    this.element.append(raw);
  }

  /** Number of its blocks. */
  get count(): number {
    return Math.max(this.#planned.length, this.blocks.length);
  }

  get isOpen(): boolean {
    return this.#planned.length === 0;
  }

  /** Replaces the raw text by blocks. */
  open(marks: Marks): void {
    if (this.isOpen) return;
    const views = this.#planned.map(
      ({ block, maths }) => new BlockView(this.#text, block, maths, marks.within(block.start, block.end)),
    );
    this.#planned.forEach(({ block }, index) => {
      if (block.continues) views[index - 1]?.element.classList.add('continued');
    });
    this.#planned = [];
    this.blocks = views;
    const height = views.reduce((sum, { estimate }) => sum + estimate, 0);
    this.element.className = 'stretch';
    this.element.style.containIntrinsicSize = `auto ${height}px`;
    this.element.replaceChildren(...views.map(({ element }) => element));
  }
}
