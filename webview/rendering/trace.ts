import type { PieceName, Segment, Span } from '../../src/core/model/index.ts';
import type { MathRange } from '../../src/core/text/index.ts';
import type { Candidate } from '../../src/protocol/review.ts';
import { BlockView } from './block.ts';
import { fillMargin, layoutLabels } from './margin.ts';
import { type Mark, marksOf } from './marks.ts';
import { boxAt, offsetAt } from './places.ts';
import { marksPerBlock, type PlannedBlock, planPieces } from './plan.ts';
import type { Supply } from './slices.ts';

/** What the trace shows of a chain. */
export interface TraceContent {
  text: string;
  segments: readonly Segment[];
  spans: readonly Span[];
  candidates: readonly Candidate[];
  /** Ids of the spans that the reviewer labelled. */
  own: readonly string[];
}

/** A prepared trace is rendered this far, in code units: more than the first screen. */
const AHEAD = 8_000;

/** Text that gets its nodes at once, in code units: what fills the tallest screen. The rest follows in slices. */
const AT_ONCE = 12_000;

export interface PieceView {
  segment: Segment;
  element: HTMLElement;
}

/** `answer[1]` as it is read: answer 1. */
export function pieceTitle(piece: PieceName): string {
  return piece.replace(/\[(\d+)\]/, ' $1');
}

/** The column of a chain's text: pieces, blocks, underlines and their labels. Offsets are those of the source text. */
export class TraceView {
  readonly element = document.createElement('div');
  readonly pieces: readonly PieceView[];
  readonly maths: readonly MathRange[];
  readonly #blocks: BlockView[] = [];
  readonly #planned: { piece: HTMLElement; block: PlannedBlock }[];
  content: TraceContent;
  #spans: ReadonlyMap<string, Span>;
  /** Marks of each planned block. */
  #marks: readonly (readonly Mark[])[];
  readonly #near = new Set<BlockView>();
  readonly #ofElement = new WeakMap<Element, BlockView>();
  readonly #unlabelled = new Set<BlockView>();
  #frame = 0;
  #cursor = 0;
  /** Estimated height of the blocks that have nodes, in pixels. */
  #height = 0;
  #focused: string | undefined;
  /** Called after blocks near the screen were laid out. */
  onLayout: (() => void) | undefined;
  /** Called after a block was rendered: what was highlighted in it is to be highlighted again. */
  onRendered: ((block: BlockView) => void) | undefined;

  constructor(content: TraceContent) {
    this.content = content;
    this.#spans = new Map(content.spans.map((span) => [span.id, span]));
    this.element.className = 'trace';
    this.element.setAttribute('aria-busy', 'true');
    const plan = planPieces(content.text, content.segments);
    const views = plan.map(({ segment, blocks }) => ({ segment, element: pieceElement(segment), blocks }));
    this.pieces = views;
    this.#planned = views.flatMap(({ element, blocks }) => blocks.map((block) => ({ piece: element, block })));
    this.maths = this.#planned.flatMap(({ block }) => block.maths);
    this.#marks = this.#assign(content.spans, content.candidates);
    this.#grow(({ block }) => block.start < AT_ONCE);
    this.element.append(...views.map(({ element }) => element));
    // The browser tells when a block comes near the screen; what is near is rendered first and has its labels laid out.
    this.element.addEventListener('contentvisibilityautostatechange', (event) => this.#visibilityChanged(event));
  }

  /**
   * While it enters, only what fills the window is laid out: not what lies below it, and not the formulas' second form that
   * screen readers hear. A trace of many formulas is on the screen twice as fast.
   */
  set entering(entering: boolean) {
    this.element.classList.toggle('entering', entering);
  }

  /** The next work: what is near the screen first, then nodes for all text, then block after block. A prepared trace is only begun. */
  work(ahead: boolean): ReturnType<Supply> {
    for (const block of this.#near) if (!block.done) return this.#render(block);
    if (!ahead && this.#blocks.length < this.#planned.length) return this.#growOn();
    for (; this.#cursor < this.#blocks.length; this.#cursor += 1) {
      const block = this.#blocks[this.#cursor];
      if (block === undefined || block.done) continue;
      return ahead && block.start >= AHEAD ? undefined : this.#render(block);
    }
    if (!ahead && this.element.getAttribute('aria-busy') !== 'false') this.element.setAttribute('aria-busy', 'false');
    return undefined;
  }

  /** All blocks; those that have no nodes yet get them now. */
  get blocks(): readonly BlockView[] {
    this.#grow(() => true);
    return this.#blocks;
  }

  /** Takes new spans and candidates over the same text. */
  setMarks({ spans, candidates, own }: Pick<TraceContent, 'spans' | 'candidates' | 'own'>): void {
    this.content = { ...this.content, spans, candidates, own };
    this.#spans = new Map(spans.map((span) => [span.id, span]));
    this.#marks = this.#assign(spans, candidates);
    this.#blocks.forEach((block, index) => {
      if (!block.setMarks(this.#marks[index] ?? [])) return;
      block.renderNow();
      this.#afterRender(block);
    });
    this.focusSpan(this.#focused);
  }

  span(id: string): Span | undefined {
    return this.#spans.get(id);
  }

  get focused(): string | undefined {
    return this.#focused;
  }

  /** Lights up a span, or none. */
  focusSpan(id: string | undefined): void {
    this.#focused = id !== undefined && this.#spans.has(id) ? id : undefined;
    for (const lit of this.element.querySelectorAll('.focused')) lit.classList.remove('focused');
    if (this.#focused === undefined) return;
    const name = CSS.escape(this.#focused);
    for (const part of this.element.querySelectorAll(`[data-span="${name}"], [data-label="${name}"]`)) {
      part.classList.add('focused');
    }
  }

  blockAt(offset: number): BlockView | undefined {
    this.#grow(({ block }) => block.start <= offset);
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#blocks[middle]?.end ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return this.#blocks[low];
  }

  pieceAt(offset: number): PieceView | undefined {
    return this.pieces.find(({ segment }) => offset < segment.end) ?? this.pieces.at(-1);
  }

  /** Block that a DOM node belongs to. */
  blockOf(node: Node): BlockView | undefined {
    const element = node instanceof Element ? node : node.parentElement;
    const block = element?.closest('.block');
    return block === null || block === undefined ? undefined : this.#ofElement.get(block);
  }

  /** Blocks that reach into `[start, end)`. */
  blocksWithin(start: number, end: number): readonly BlockView[] {
    this.#grow(({ block }) => block.start < end);
    return this.#blocks.filter((block) => block.start < end && block.end > start);
  }

  /** Source offset of a DOM position, for an edge of a stretch that begins or ends there; undefined outside of the text. */
  offsetOf(node: Node, offset: number, edge: 'start' | 'end'): number | undefined {
    const block = this.blockOf(node);
    return block === undefined ? undefined : offsetAt(block, node, offset, edge);
  }

  /** Source offset at a point of the window, likewise. */
  offsetAtPoint(x: number, y: number, edge: 'start' | 'end'): number | undefined {
    const caret = document.caretPositionFromPoint(x, y);
    return caret === null ? undefined : this.offsetOf(caret.offsetNode, caret.offset, edge);
  }

  /** Source range of a DOM range that lies in the trace, at least with one end. */
  sourceRange(range: Range): { start: number; end: number } | undefined {
    const first = this.blockOf(range.startContainer);
    const last = this.blockOf(range.endContainer);
    if (first === undefined && last === undefined) return undefined;
    const start = first === undefined ? 0 : offsetAt(first, range.startContainer, range.startOffset, 'start');
    const end =
      last === undefined ? this.content.text.length : offsetAt(last, range.endContainer, range.endOffset, 'end');
    return start < end ? { start, end } : undefined;
  }

  /** Scrolls the offset to the upper third of the screen, unless it can be seen well already. */
  reveal(scroller: HTMLElement, offset: number): void {
    const block = this.blockAt(offset);
    if (block === undefined) return;
    if (!block.done) {
      block.renderNow();
      this.#afterRender(block);
    }
    const move = (): void => {
      const view = scroller.getBoundingClientRect();
      const box = boxAt(block, offset);
      const seen = box.top > view.top + view.height * 0.12 && box.bottom < view.bottom - view.height * 0.2;
      if (!seen) scroller.scrollTop += box.top - view.top - view.height * 0.3;
    };
    move();
    // Blocks that were only estimated get their true height once they are near: the place is corrected after that.
    requestAnimationFrame(() => requestAnimationFrame(move));
  }

  /** Source range of the blocks on the screen. */
  visible(scroller: HTMLElement): { start: number; end: number } {
    const view = scroller.getBoundingClientRect();
    const first = this.#firstBelow(view.top + 1);
    const last = this.#firstBelow(view.bottom - 1);
    return { start: this.#offsetAtHeight(first, view.top), end: this.#offsetAtHeight(last, view.bottom) };
  }

  /** First block that begins on the screen, else the one that fills it. */
  blockInView(scroller: HTMLElement): BlockView | undefined {
    const top = scroller.getBoundingClientRect().top;
    const index = this.#firstBelow(top + 1);
    const block = this.#blocks[index];
    const next = this.#blocks[index + 1];
    const cut = block !== undefined && block.element.getBoundingClientRect().top < top - 4;
    const nextSeen =
      next !== undefined && next.element.getBoundingClientRect().top < scroller.getBoundingClientRect().bottom;
    return cut && nextSeen ? next : block;
  }

  /** Shows a block's source, or renders it again. */
  toggleSource(block: BlockView): void {
    block.toggleSource();
    this.#afterRender(block);
  }

  /** Labels are laid out again, after the column's width changed. */
  layoutAgain(): void {
    for (const block of this.#near) this.#unlabelled.add(block);
    this.#layoutSoon();
  }

  #assign(spans: readonly Span[], candidates: readonly Candidate[]): Mark[][] {
    return marksPerBlock(
      this.#planned.map(({ block }) => block.block),
      marksOf(spans, candidates),
    );
  }

  /** Gives planned blocks their nodes, in order, while `wanted` says so. */
  #grow(wanted: (next: PlannedBlock) => boolean): void {
    for (let next = this.#planned[this.#blocks.length]; next !== undefined; next = this.#planned[this.#blocks.length]) {
      if (!wanted(next.block)) return;
      this.#add(next);
    }
  }

  *#growOn(): Generator<undefined, undefined> {
    for (let next = this.#planned[this.#blocks.length]; next !== undefined; next = this.#planned[this.#blocks.length]) {
      this.#add(next);
      if (this.#blocks.length % 16 === 0) yield undefined;
    }
  }

  #add({ piece, block }: { piece: HTMLElement; block: PlannedBlock }): void {
    const view = new BlockView(this.content.text, block.block, block.maths, this.#marks[this.#blocks.length] ?? []);
    if (block.block.continues) this.#blocks.at(-1)?.element.classList.add('continued');
    if (this.#height > window.innerHeight) view.element.classList.add('below');
    this.#height += view.estimate;
    this.#ofElement.set(view.element, view);
    this.#blocks.push(view);
    piece.append(view.element);
  }

  *#render(block: BlockView): Generator<undefined, undefined> {
    yield* block.render();
    this.#afterRender(block);
  }

  #afterRender(block: BlockView): void {
    fillMargin(block, this.#spans, this.content.own);
    if (this.#near.has(block)) {
      this.#unlabelled.add(block);
      this.#layoutSoon();
    }
    if (this.#focused !== undefined && block.marks.some(({ id }) => id === this.#focused))
      this.focusSpan(this.#focused);
    this.onRendered?.(block);
  }

  #visibilityChanged(event: Event): void {
    const block = event.target instanceof Element ? this.#ofElement.get(event.target) : undefined;
    if (block === undefined) return;
    if ((event as ContentVisibilityAutoStateChangeEvent).skipped) {
      this.#near.delete(block);
      return;
    }
    this.#near.add(block);
    if (block.done) {
      this.#unlabelled.add(block);
      this.#layoutSoon();
    }
  }

  #layoutSoon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      layoutLabels(this.#unlabelled);
      this.#unlabelled.clear();
      this.onLayout?.();
    });
  }

  /** Index of the first block whose bottom is below a height of the window. */
  #firstBelow(height: number): number {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const bottom = this.#blocks[middle]?.element.getBoundingClientRect().bottom ?? 0;
      if (bottom <= height) low = middle + 1;
      else high = middle;
    }
    return Math.max(low, 0);
  }

  #offsetAtHeight(index: number, height: number): number {
    const block = this.#blocks[index];
    if (block === undefined) return 0;
    const box = block.element.getBoundingClientRect();
    const share = box.height === 0 ? 0 : (height - box.top) / box.height;
    return Math.round(block.start + Math.min(1, Math.max(0, share)) * (block.end - block.start));
  }
}

function pieceElement({ piece, train }: Segment): HTMLElement {
  const element = document.createElement('section');
  const title = pieceTitle(piece);
  element.className = train ? 'piece' : 'piece untrained';
  element.setAttribute('aria-label', train ? title : `${title}, not trained`);
  element.append(pieceHeading(title, train));
  return element;
}

function pieceHeading(title: string, train: boolean): HTMLElement {
  const heading = document.createElement('h2');
  heading.append(title);
  if (!train) {
    const mark = document.createElement('span');
    mark.className = 'mask';
    mark.append('not trained');
    heading.append(mark);
  }
  return heading;
}
