import type { Block, MathRange } from '../../src/core/text/index.ts';
import { type Built, build, buildSource, type Leaf } from './build.ts';
import { readBlock, type Shown } from './markdown.ts';
import type { Mark } from './marks.ts';

/** Estimates of a line and of the gap between blocks, for the height of a block before layout. */
const LINE_UNITS = 84;
const LINE_PIXELS = 25;
const GAP_PIXELS = 12;

/** A block of the trace: first plain text, then rendered, or shown as source on request. */
export class BlockView {
  readonly element = document.createElement('div');
  readonly body = document.createElement('div');
  readonly start: number;
  readonly end: number;
  leaves: readonly Leaf[] = [];
  /** Rendered or shown as source, with its marks. */
  done = false;
  /** Number of elements in the rendered body. */
  elements = 0;
  /** Rough height, in pixels, before it is laid out. */
  readonly estimate: number;
  asSource = false;
  readonly #text: string;
  readonly #maths: readonly MathRange[];
  readonly #isCode: boolean;
  #marks: readonly Mark[];
  #shown: readonly Shown[] | undefined;
  /** Nodes that are ready to replace the raw text. */
  #built: Built | undefined;

  constructor(text: string, block: Block, maths: readonly MathRange[], marks: readonly Mark[]) {
    this.#text = text;
    this.start = block.start;
    this.end = block.end;
    this.#isCode = block.code;
    this.#maths = maths;
    this.#marks = marks;
    this.element.className = 'block';
    this.element.append(this.body);
    this.#paintRaw();
    this.estimate = this.#estimate();
    this.element.style.containIntrinsicSize = `auto ${this.estimate}px`;
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  /** Number of formulas in the block. */
  get formulas(): number {
    return this.#maths.length;
  }

  /** Sets the marks. @returns Whether the block must be rendered again. */
  setMarks(fresh: readonly Mark[]): boolean {
    const same = fresh.length === this.#marks.length && fresh.every((mark, index) => equal(mark, this.#marks[index]));
    if (same) return false;
    this.#marks = fresh;
    this.#built = undefined;
    const was = this.done;
    this.done = false;
    return was;
  }

  /** Whether the block is rendered as source. */
  get isSource(): boolean {
    return this.asSource || this.#isCode;
  }

  /** Number of elements that are built but not in the page yet, if any. */
  get prepared(): number | undefined {
    return this.#built?.elements;
  }

  /** Renders the block in steps, and shows it as a whole at the end. */
  *render(): Generator<undefined, void> {
    if (this.isSource) {
      this.#swap(buildSource(this.#text, this.start, this.#visibleEnd(), this.#marks), 'body source');
      return;
    }
    if (this.#built === undefined) yield* this.prepare();
    if (this.#built !== undefined) this.#swap(this.#built, 'body');
    this.#built = undefined;
  }

  /** Builds the nodes of the block in steps, outside of the page. */
  *prepare(): Generator<undefined, void> {
    this.#shown ??= readBlock(this.#text, this.start, this.end, this.#maths);
    yield undefined;
    for (let marks: readonly Mark[] | undefined; marks !== this.#marks; ) {
      marks = this.#marks;
      const built = yield* build(this.#shown, this.#text, marks);
      // New marks restart it.
      if (marks === this.#marks) this.#built = built;
    }
  }

  /** Renders immediately. */
  renderNow(): void {
    for (const _ of this.render());
  }

  /** Removes the rendered nodes from the page but keeps them. The raw text is shown until the next render. */
  retire(): void {
    if (!this.done || this.isSource) return;
    this.#built = { nodes: [...this.body.childNodes], leaves: [...this.leaves], elements: this.elements };
    this.done = false;
    this.elements = 0;
    this.#paintRaw();
  }

  toggleSource(): void {
    this.asSource = !this.asSource;
    this.renderNow();
  }

  #paintRaw(): void {
    const node = document.createTextNode(this.#text.slice(this.start, this.#visibleEnd()));
    this.body.className = 'body raw';
    this.body.replaceChildren(node);
    this.leaves = [{ node, start: this.start, end: this.#visibleEnd() }];
  }

  #swap(built: Built, className: string): void {
    this.body.className = className;
    this.body.replaceChildren(...built.nodes);
    this.leaves = built.leaves;
    this.elements = built.elements;
    this.done = true;
  }

  /** Without the blank lines at the end. */
  #visibleEnd(): number {
    return this.start + this.#text.slice(this.start, this.end).trimEnd().length;
  }

  #estimate(): number {
    let lines = 0;
    for (const line of this.#text.slice(this.start, this.#visibleEnd()).split('\n')) {
      lines += Math.max(1, Math.ceil(line.length / LINE_UNITS));
    }
    return lines * LINE_PIXELS + GAP_PIXELS;
  }
}

function equal(a: Mark, b: Mark | undefined): boolean {
  if (b === undefined || a.type !== b.type || a.id !== b.id || a.start !== b.start || a.end !== b.end) return false;
  if (a.type === 'span') return b.type === 'span' && a.kind === b.kind && a.part === b.part && a.lane === b.lane;
  return b.type === 'candidate' && a.outcome === b.outcome;
}
