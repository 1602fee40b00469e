import { html, nothing, render, type TemplateResult } from 'lit';
import { BEHAVIOURS, type Span } from '../../src/core/model/index.ts';
import type { Edge, Place } from '../../src/core/review/index.ts';
import { keyLabel, REVIEW_KEYS, type ReviewAction } from '../../src/protocol/keys.ts';
import { boxAt } from '../rendering/places.ts';
import type { Pointed } from '../rendering/pointed.ts';
import type { TraceView } from '../rendering/trace.ts';
import { keyOf, LABEL_ACTIONS } from './keys.ts';
import type { SpanMoves } from './moves.ts';

interface ToolsPage {
  trace(): TraceView | undefined;
  moves: SpanMoves;
  pointed: Pointed;
  perform(action: ReviewAction): void;
}

/** Signs of the moves, in the order of the bar. */
const MOVES: readonly (readonly [ReviewAction, string])[] = [
  ['startEarlier', '⇤'],
  ['startLater', '↦'],
  ['endEarlier', '↤'],
  ['endLater', '⇥'],
  ['wholeSentences', '¶'],
  ['splitSpan', '|'],
  ['mergeSpans', '+'],
  ['removeLabel', '✕'],
];

/** The hand's way to a lit span: a small bar in the margin under its label, and a handle at each of its ends. */
export class SpanTools {
  readonly #page: ToolsPage;
  readonly #bar = document.createElement('div');
  readonly #handles: Record<Edge, HTMLElement>;
  /** Text above that gets its true height moves the span, and the tools with it. */
  readonly #watch = new ResizeObserver(() => this.place());
  /** Ends a drag that is under way, without a move. */
  #stop: (() => void) | undefined;

  constructor(page: ToolsPage) {
    this.#page = page;
    this.#bar.className = 'span-tools';
    this.#bar.setAttribute('role', 'toolbar');
    this.#bar.setAttribute('aria-label', 'Span');
    // A press must not take the cursor out of the text: it says where a split falls.
    this.#bar.addEventListener('mousedown', (event) => event.preventDefault());
    // A click in the text beside a span puts its light out.
    this.#bar.addEventListener('click', (event) => event.stopPropagation());
    render(this.#view(), this.#bar);
    this.#handles = { start: this.#handle('start'), end: this.#handle('end') };
  }

  /** Shows the tools at the span that is lit, where it stands now; takes them away where none is. */
  place(): void {
    const trace = this.#page.trace();
    const span = trace?.focused === undefined ? undefined : trace.span(trace.focused);
    const { start, end } = this.#handles;
    if (trace === undefined || span === undefined) {
      this.#stop?.();
      this.#watch.disconnect();
      for (const element of [this.#bar, start, end]) element.remove();
      return;
    }
    const origin = trace.element.getBoundingClientRect();
    const boxes = edgesOf(trace, span);
    const label = trace.element.querySelector(`[data-label="${CSS.escape(span.id)}"]`)?.getBoundingClientRect();
    const put = (element: HTMLElement, left: number, top: number): void => {
      element.style.left = `${left - origin.left}px`;
      element.style.top = `${top - origin.top}px`;
    };
    if (start.parentElement !== trace.element) {
      trace.element.append(start, end, this.#bar);
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
    const { right } = boxes.column;
    const { offsetWidth } = this.#bar;
    // Under the label in the margin, where it covers no text; where the margin is too narrow, under the last line of the span.
    if (boxes.margin >= offsetWidth)
      put(this.#bar, right - boxes.margin, label === undefined ? boxes.start.top : label.bottom + 2);
    else put(this.#bar, right - offsetWidth, boxes.end.bottom + 12);
  }

  #view(): TemplateResult {
    return html`<span class="kinds">
        ${BEHAVIOURS.map((kind) => this.#button(LABEL_ACTIONS[kind], html`<span class="stroke"></span>`, kind))}
      </span>
      <span class="moves">${MOVES.map(([action, sign]) => this.#button(action, sign))}</span>`;
  }

  #button(action: ReviewAction, content: unknown, kind?: string): TemplateResult {
    const title = REVIEW_KEYS.find((entry) => entry.action === action)?.title ?? '';
    return html`<button
      type="button"
      tabindex="-1"
      class=${kind === undefined ? 'move' : `kind ${kind}`}
      data-kind=${kind ?? nothing}
      title="${title}  ${keyLabel(keyOf(action))}"
      aria-label=${title}
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

  /** Follows the pointer until it is let go: what the span would cover is painted, Esc leaves it as it was. */
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
      // Letting go is a click on whatever holds both places, which would put the span's light out.
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

/** Where the two ends of a span stand in the window, its first block, and how wide that block's margin is. */
function edgesOf(
  trace: TraceView,
  { start, end }: Span,
): { start: DOMRect; end: DOMRect; column: DOMRect; margin: number } {
  const first = trace.blockAt(start);
  const last = trace.blockAt(end - 1);
  const column = (first?.element ?? trace.element).getBoundingClientRect();
  const body = (first?.body ?? trace.element).getBoundingClientRect();
  return {
    start: first === undefined ? column : boxAt(first, start),
    end: last === undefined ? column : boxAt(last, end - 1),
    column,
    margin: column.right - body.right - 10,
  };
}
