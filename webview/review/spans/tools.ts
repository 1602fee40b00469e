import { html, nothing, render, type TemplateResult } from 'lit';
import type { Edge, Place } from '../../../src/core/review/index.ts';
import { BEHAVIOURS, type Span } from '../../../src/core/schemas/index.ts';
import type { ReviewAction } from '../../../src/protocol/keys.ts';
import { boxAt } from '../../rendering/places.ts';
import type { Pointed } from '../../rendering/pointed.ts';
import type { TraceView } from '../../rendering/trace.ts';
import { KEYS, LABEL_ACTIONS } from '../keys.ts';
import type { SpanMoves } from './moves.ts';

interface ToolsPage {
  trace(): TraceView | undefined;
  moves: SpanMoves;
  pointed: Pointed;
  perform(action: ReviewAction): void;
  /** The element of the bar. */
  place: HTMLElement;
}

/** The moves and their labels, in the order of the bar. */
const MOVES: readonly (readonly [ReviewAction, string])[] = [
  ['startEarlier', 'Start earlier'],
  ['startLater', 'Start later'],
  ['endEarlier', 'End earlier'],
  ['endLater', 'End later'],
  ['wholeSentences', 'Whole sentences'],
  ['splitSpan', 'Split'],
  ['mergeSpans', 'Merge'],
  ['removeLabel', 'Remove'],
];

/** Mouse tools for the lit span: a bar below the text, and a handle at each end of the span. */
export class SpanTools {
  readonly #page: ToolsPage;
  readonly #bar: HTMLElement;
  readonly #handles: Record<Edge, HTMLElement>;
  /** The tools move when text above gets its final height. */
  readonly #watch = new ResizeObserver(() => this.place());
  /** Cancels a drag. */
  #stop: (() => void) | undefined;

  constructor(page: ToolsPage) {
    this.#page = page;
    this.#bar = page.place;
    this.#bar.hidden = true;
    // A press must keep the cursor in the text, where a split falls.
    this.#bar.addEventListener('mousedown', (event) => event.preventDefault());
    render(this.#view(), this.#bar);
    this.#handles = { start: this.#handle('start'), end: this.#handle('end') };
  }

  /** Shows the tools at the lit span; hides them without one. */
  place(): void {
    const trace = this.#page.trace();
    const span = trace?.focused === undefined ? undefined : trace.span(trace.focused);
    const { start, end } = this.#handles;
    if (trace === undefined || span === undefined) {
      this.#stop?.();
      this.#watch.disconnect();
      this.#bar.hidden = true;
      for (const element of [start, end]) element.remove();
      return;
    }
    const origin = trace.element.getBoundingClientRect();
    const boxes = edgesOf(trace, span);
    const put = (element: HTMLElement, left: number, top: number): void => {
      element.style.left = `${left - origin.left}px`;
      element.style.top = `${top - origin.top}px`;
    };
    if (start.parentElement !== trace.element) {
      trace.element.append(start, end);
      this.#watch.disconnect();
      this.#watch.observe(trace.element);
    }
    for (const [edge, element] of Object.entries(this.#handles)) {
      const box = boxes[edge as Edge];
      put(element, edge === 'start' ? box.left : box.right, box.top);
      element.style.height = `${box.height}px`;
      element.dataset.kind = span.kind;
    }
    for (const pressed of this.#bar.querySelectorAll<HTMLElement>('[data-kind]')) {
      pressed.setAttribute('aria-pressed', String(pressed.dataset.kind === span.kind));
    }
    this.#bar.hidden = false;
  }

  #view(): TemplateResult {
    return html`<span class="kinds">
        ${BEHAVIOURS.map((kind) => this.#button(LABEL_ACTIONS[kind], html`<span class="stroke"></span>${kind}`, kind))}
      </span>
      <span class="moves">${MOVES.map(([action, label]) => this.#button(action, label))}</span>`;
  }

  #button(action: ReviewAction, content: unknown, kind?: string): TemplateResult {
    return html`<button
      type="button"
      class=${kind === undefined ? 'move' : `kind ${kind}`}
      data-kind=${kind ?? nothing}
      title=${KEYS.title(action)}
      @click=${() => this.#page.perform(action)}
    >
      ${content}
    </button>`;
  }

  #handle(edge: Edge): HTMLElement {
    const handle = document.createElement('div');
    handle.className = `span-handle ${edge}`;
    handle.title = `Drag to move the ${edge} of the span`;
    handle.setAttribute('aria-hidden', 'true');
    handle.addEventListener('pointerdown', (event) => {
      if (event.button === 0) this.#drag(event, edge);
    });
    return handle;
  }

  /** Follows the pointer until it is released, and paints the new place. Esc cancels. */
  #drag(down: PointerEvent, edge: Edge): void {
    const { moves, pointed } = this.#page;
    const trace = this.#page.trace();
    const span = trace?.focused === undefined ? undefined : trace.span(trace.focused);
    if (trace === undefined || span === undefined) return;
    down.preventDefault();
    down.stopPropagation();
    let place: Place = span;
    const over = new AbortController();
    const { signal } = over;
    this.#stop = () => {
      over.abort();
      this.#stop = undefined;
      trace.element.classList.remove('dragging');
      pointed.clear();
    };
    trace.element.classList.add('dragging');
    window.addEventListener(
      'pointermove',
      ({ clientX, clientY }) => {
        const offset = trace.offsetAtPoint(clientX, clientY, edge);
        if (offset === undefined) return;
        place = moves.dragged(trace, span, edge, offset);
        pointed.show(trace, place.start, place.end);
      },
      { signal },
    );
    const end = (move: boolean): void => {
      this.#stop?.();
      // The release is also a click, which would unlight the span.
      const swallow = (event: Event): void => event.stopPropagation();
      window.addEventListener('click', swallow, { capture: true });
      setTimeout(() => window.removeEventListener('click', swallow, { capture: true }));
      if (move && (place.start !== span.start || place.end !== span.end)) moves.place(place);
    };
    window.addEventListener('pointerup', () => end(true), { signal });
    window.addEventListener('pointercancel', () => end(false), { signal });
    window.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        end(false);
      },
      { signal, capture: true },
    );
  }
}

/** The boxes of the two ends of a span in the window. */
function edgesOf(trace: TraceView, { start, end }: Span): Record<Edge, DOMRect> {
  const first = trace.blockAt(start);
  const last = trace.blockAt(end - 1);
  const column = trace.element.getBoundingClientRect();
  return {
    start: first === undefined ? column : boxAt(first, start),
    end: last === undefined ? column : boxAt(last, end - 1),
  };
}
