import type { Block, MathRange } from '../../src/core/text/index.ts';
import { type Built, build, buildSource, type Leaf } from './build.ts';
import { readBlock, type Shown } from './markdown.ts';
import type { Mark } from './marks.ts';

/** Rough measure of a line and of the gap between blocks, to reserve room for a block that was never laid out. */
const LINE_UNITS = 84;
const LINE_PIXELS = 25;
const GAP_PIXELS = 12;

/** One block of the trace: painted as escaped text at once, rendered when its turn comes, shown as source on request. */
export class BlockView {
  readonly element = document.createElement('div');
  readonly body = document.createElement('div');
  readonly start: number;
  readonly end: number;
  leaves: readonly Leaf[] = [];
  /** Rendered, or shown as source on request: the text has its marks. */
  done = false;
  /** Rough height, in pixels, before it is laid out. */
  readonly estimate: number;
  asSource = false;
  readonly #text: string;
  readonly #maths: readonly MathRange[];
  readonly #isCode: boolean;
  #marks: readonly Mark[];
  #shown: readonly Shown[] | undefined;

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

  /** Marks that begin in this block: their labels stand in its margin. */
  get beginning(): readonly Mark[] {
    return this.#marks.filter(({ start }) => start >= this.start && start < this.end);
  }

  /** Takes the block's new marks; true when they changed and it must be rendered again. */
  setMarks(fresh: readonly Mark[]): boolean {
    const same = fresh.length === this.#marks.length && fresh.every((mark, index) => equal(mark, this.#marks[index]));
    if (same) return false;
    this.#marks = fresh;
    const was = this.done;
    this.done = false;
    return was;
  }

  /** Work that renders the block; it is swapped in whole at the end, so that nobody sees it half done. */
  *render(): Generator<undefined, undefined> {
    if (this.asSource || this.#isCode) {
      this.#swap(buildSource(this.#text, this.start, this.#visibleEnd(), this.#marks), 'body source');
      return;
    }
    this.#shown ??= readBlock(this.#text, this.start, this.end, this.#maths);
    yield undefined;
    for (let marks: readonly Mark[] | undefined; marks !== this.#marks; ) {
      marks = this.#marks;
      const built = yield* build(this.#shown, this.#text, marks);
      // Marks that came while this was under way begin it again.
      if (marks === this.#marks) this.#swap(built, 'body');
    }
  }

  /** Renders at once, for what is looked at or walked to now. */
  renderNow(): void {
    for (const _ of this.render());
  }

  toggleSource(): void {
    this.asSource = !this.asSource;
    this.renderNow();
  }

  #paintRaw(): void {
    const node = document.createTextNode(this.#text.slice(this.start, this.#visibleEnd()));
    this.body.className = 'body raw';
    this.body.append(node);
    this.leaves = [{ node, start: this.start, end: this.#visibleEnd() }];
  }

  #swap(built: Built, className: string): void {
    this.body.className = className;
    this.body.replaceChildren(...built.nodes);
    this.leaves = built.leaves;
    this.done = true;
  }

  /** Blank lines behind a block would be shown as empty lines. */
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
  if (a.type === 'span') return b.type === 'span' && a.kind === b.kind && a.lane === b.lane;
  return b.type === 'candidate' && a.outcome === b.outcome;
}
