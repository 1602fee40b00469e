import type { StepMark } from '../../src/core/review/steps.ts';
import type { PieceName, Segment, Span, StepPlace } from '../../src/core/schemas/index.ts';
import type { MathRange } from '../../src/core/text/index.ts';
import type { Candidate } from '../../src/protocol/review.ts';
import type { BlockView } from './block.ts';
import { type Reach, TextColumn } from './column.ts';
import { fillMargin, LABEL_HEIGHT, layoutLabels } from './margin.ts';
import { Marks, marksOf } from './marks.ts';
import { offsetAt, positionAt } from './places.ts';
import type { Supply } from './slices.ts';
import { fillSteps } from './steps.ts';

/** The shown content of a chain. */
export interface TraceContent {
  text: string;
  segments: readonly Segment[];
  spans: readonly Span[];
  candidates: readonly Candidate[];
  /** Ids of the spans that the reviewer labelled. */
  own: readonly string[];
  /** In order. */
  steps: readonly StepMark[];
  /** The step that may be the first wrong one, while none is labelled. */
  suggested?: StepPlace | undefined;
}

/** For a prepared chain: more than the first screen. */
const PREPARED: Reach = { places: false, rendered: 8_000 };
/** For the shown chain. Longer texts are rendered only near the screen. */
const SHOWN: Reach = { places: true, rendered: 400_000 };

export interface PieceView {
  segment: Segment;
  element: HTMLElement;
}

/** `answer[1]` as `answer 1`. */
export function pieceTitle(piece: PieceName): string {
  return piece.replace(/\[(\d+)\]/, ' $1');
}

/** The text of a chain: pieces, blocks, underlines and their labels. Offsets are those of the source. */
export class TraceView {
  readonly element = document.createElement('div');
  readonly pieces: readonly PieceView[];
  content: TraceContent;
  readonly #column: TextColumn;
  #spans: ReadonlyMap<string, Span>;
  readonly #unlabelled = new Set<BlockView>();
  #frame = 0;
  /** The first block on the screen. */
  #first: BlockView | undefined;
  #focused: string | undefined;
  /** A place to scroll to as soon as it is planned. */
  #target: { scroller: HTMLElement; offset: number } | undefined;
  /** Called after blocks near the screen were laid out. */
  onLayout: (() => void) | undefined;
  /** Called after a block was rendered, which removes highlights. */
  onRendered: ((block: BlockView) => void) | undefined;

  constructor(content: TraceContent) {
    this.content = content;
    this.#spans = new Map(content.spans.map((span) => [span.id, span]));
    this.element.className = 'trace';
    this.element.setAttribute('aria-busy', 'true');
    this.pieces = content.segments.map((segment) => ({ segment, element: pieceElement(segment) }));
    const parts = this.pieces.map(({ segment: { start, end }, element }) => ({ element, start, end }));
    this.#column = new TextColumn(content.text, this.element, parts, this.#marks());
    this.#column.onRendered = (block) => this.#afterRender(block);
    this.#column.onNear = (block) => this.#label(block);
    this.#column.onPlanned = () => this.#revealTarget();
    this.element.append(...this.pieces.map(({ element }) => element));
  }

  /**
   * While entering, text below the window and the MathML of formulas are not laid out. A trace with many formulas is shown twice as fast.
   */
  set entering(entering: boolean) {
    this.element.classList.toggle('entering', entering);
  }

  /** Called when text near the screen must be rendered. */
  set onWork(wake: () => void) {
    this.#column.onWork = wake;
  }

  /** The next work. @param ahead The chain is only prepared. */
  work(ahead: boolean): ReturnType<Supply> {
    const work = this.#column.work(ahead ? PREPARED : SHOWN);
    if (work === undefined && !ahead && this.element.getAttribute('aria-busy') !== 'false')
      this.element.setAttribute('aria-busy', 'false');
    return work;
  }

  /** Formulas of the planned text. */
  get maths(): readonly MathRange[] {
    return this.#column.maths;
  }

  /** Blocks that have nodes. */
  get blocks(): readonly BlockView[] {
    return this.#column.blocks;
  }

  /** Sets spans, candidates and labels of steps of the same text. */
  setMarks(marks: Omit<TraceContent, 'text' | 'segments'>): void {
    const before = [this.content.steps, this.content.suggested];
    this.content = { ...this.content, ...marks };
    const { spans, steps, suggested } = marks;
    this.#spans = new Map(spans.map((span) => [span.id, span]));
    this.#column.setMarks(this.#marks());
    if (JSON.stringify([steps, suggested]) !== JSON.stringify(before)) this.#showSteps();
    this.focusSpan(this.#focused);
  }

  span(id: string): Span | undefined {
    return this.#spans.get(id);
  }

  get focused(): string | undefined {
    return this.#focused;
  }

  /** Lights a span, or none. */
  focusSpan(id: string | undefined): void {
    this.#focused = id !== undefined && this.#spans.has(id) ? id : undefined;
    for (const lit of this.element.querySelectorAll('.focused')) lit.classList.remove('focused');
    if (this.#focused === undefined) return;
    const name = CSS.escape(this.#focused);
    for (const part of this.element.querySelectorAll(`[data-span="${name}"], [data-label="${name}"]`)) {
      part.classList.add('focused');
    }
  }

  /** The block at an offset; undefined while its text is not planned. */
  blockAt(offset: number): BlockView | undefined {
    return this.#column.blockAt(offset);
  }

  pieceAt(offset: number): PieceView | undefined {
    return this.pieces.find(({ segment }) => offset < segment.end) ?? this.pieces.at(-1);
  }

  /** Blocks with nodes that reach into `[start, end)`. */
  blocksWithin(start: number, end: number): readonly BlockView[] {
    return this.#column.blocksWithin(start, end);
  }

  /** Source offset of a DOM position, as the start or end of a range; undefined outside of the text. */
  offsetOf(node: Node, offset: number, edge: 'start' | 'end'): number | undefined {
    const block = this.#column.blockOf(node);
    return block === undefined ? undefined : offsetAt(block, node, offset, edge);
  }

  /** DOM position of a source offset, as the start or end of a range; undefined while it is not shown. */
  positionOf(offset: number, edge: 'start' | 'end'): { node: Node; offset: number } | undefined {
    const block = this.blockAt(edge === 'start' ? offset : offset - 1);
    return block === undefined ? undefined : positionAt(block, offset, edge);
  }

  /** Source offset at a point of the window, as `offsetOf`. */
  offsetAtPoint(x: number, y: number, edge: 'start' | 'end'): number | undefined {
    const caret = document.caretPositionFromPoint(x, y);
    return caret === null ? undefined : this.offsetOf(caret.offsetNode, caret.offset, edge);
  }

  /** Source range of a DOM range with at least one end in the trace. */
  sourceRange(range: Range): { start: number; end: number } | undefined {
    const first = this.offsetOf(range.startContainer, range.startOffset, 'start');
    const last = this.offsetOf(range.endContainer, range.endOffset, 'end');
    if (first === undefined && last === undefined) return undefined;
    const start = first ?? 0;
    const end = last ?? this.content.text.length;
    return start < end ? { start, end } : undefined;
  }

  /** Scrolls an offset to the upper third of the screen, unless it is visible already. */
  reveal(scroller: HTMLElement, offset: number): void {
    this.#target = { scroller, offset };
    this.#revealTarget();
  }

  /** Scrolls so that an offset is at the upper edge of the screen; nothing while its text is not planned. */
  scrollTo(scroller: HTMLElement, offset: number): void {
    this.#column.scrollTo(scroller, offset);
  }

  /** Source range of the text on the screen. */
  visible(scroller: HTMLElement): { start: number; end: number } {
    const { top, bottom } = scroller.getBoundingClientRect();
    return { start: this.#column.offsetAtHeight(top + 1), end: this.#column.offsetAtHeight(bottom - 1) };
  }

  /** Moves the labels of spans that began above the screen to its first block. */
  followScreen(scroller: HTMLElement): void {
    const first = this.#column.blockBelow(scroller.getBoundingClientRect().top + LABEL_HEIGHT);
    if (first === this.#first) return;
    this.#first?.element.classList.remove('first-seen');
    first?.element.classList.add('first-seen');
    this.#first = first;
  }

  /** The first block that begins on the screen, else the one that fills it. */
  blockInView(scroller: HTMLElement): BlockView | undefined {
    return this.#column.blockInView(scroller);
  }

  /** Shows a block's source, or renders it again. */
  toggleSource(block: BlockView): void {
    block.toggleSource();
    this.#afterRender(block);
  }

  /** Lays out the labels again after the width changed. */
  layoutAgain(): void {
    for (const block of this.#column.near) this.#label(block);
  }

  #marks(): Marks {
    return new Marks(marksOf(this.content.spans, this.content.candidates));
  }

  /** Shows the labels of steps again. Also of those that are the same: their titles depend on the first wrong step. */
  #showSteps(): void {
    for (const block of this.blocks) {
      if (!block.done) continue;
      fillSteps(block, this.content);
      if (this.#column.isNear(block)) this.#label(block);
    }
  }

  #revealTarget(): void {
    const target = this.#target;
    if (target === undefined || !this.#column.isPlanned(target.offset)) return;
    this.#target = undefined;
    this.#column.reveal(target.scroller, target.offset);
  }

  #afterRender(block: BlockView): void {
    fillMargin(block, this.#spans, this.content.own);
    fillSteps(block, this.content);
    if (this.#column.isNear(block)) this.#label(block);
    if (this.#focused !== undefined && block.marks.some(({ id }) => id === this.#focused))
      this.focusSpan(this.#focused);
    this.onRendered?.(block);
  }

  /** Lays out the labels of a block that is near the screen, in the next frame. */
  #label(block: BlockView): void {
    this.#unlabelled.add(block);
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      layoutLabels(this.#unlabelled);
      this.#unlabelled.clear();
      this.onLayout?.();
    });
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
