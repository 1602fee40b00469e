import { transitions } from '../../src/core/behaviours/transitions.ts';
import type { TraceContent } from '../rendering/trace.ts';
import { candidateWords, stepWords } from './answers.ts';

/** The whole trace in a strip: where its spans and candidate answers stand, and which part is on the screen. */
export class Ribbon {
  readonly element: HTMLElement;
  readonly #window = document.createElement('div');
  readonly #go: (offset: number, spanId: string | undefined) => void;
  #length = 1;

  constructor(element: HTMLElement, go: (offset: number, spanId: string | undefined) => void) {
    this.element = element;
    this.#go = go;
    this.#window.className = 'window';
    element.addEventListener('click', (event) => this.#clicked(event));
  }

  show({ text, spans, candidates, segments }: TraceContent): void {
    this.#length = Math.max(1, text.length);
    const masked = segments
      .filter(({ train }) => !train)
      .map(({ start, end }) => this.#strip('masked', start, end, undefined));
    const bars = spans.map(({ id, kind, start, end }) => {
      const bar = this.#strip(
        `bar-span ${kind}`,
        start,
        end,
        `${kind}: ${text.slice(start, Math.min(end, start + 80))}`,
      );
      bar.dataset.span = id;
      return bar;
    });
    const words = candidateWords(candidates, text.length);
    const ticks = candidates.map(({ start, end, outcome }, index) =>
      this.#strip(`tick ${outcome ?? 'ungraded'}`, start, end, words[index]),
    );
    // Where the answer turned: what stayed right or wrong is told by the ticks alone.
    const turns = transitions(candidates).flatMap((step) => {
      const to = candidates[step.to];
      if (to === undefined || (step.kind !== 'wrong-right' && step.kind !== 'right-wrong')) return [];
      return [this.#strip(`turn ${step.kind}`, to.start, to.end, stepWords(step))];
    });
    this.element.replaceChildren(this.#window, ...masked, ...bars, ...ticks, ...turns);
  }

  setWindow(range: { start: number; end: number }): void {
    this.#place(this.#window, range.start, range.end);
  }

  #strip(className: string, start: number, end: number, title: string | undefined): HTMLElement {
    const strip = document.createElement('div');
    strip.className = className;
    strip.dataset.start = String(start);
    if (title !== undefined) strip.title = title;
    this.#place(strip, start, end);
    return strip;
  }

  #place(element: HTMLElement, start: number, end: number): void {
    element.style.top = `${((100 * start) / this.#length).toFixed(3)}%`;
    element.style.height = `${((100 * (end - start)) / this.#length).toFixed(3)}%`;
  }

  #clicked(event: MouseEvent): void {
    const target = event.target instanceof HTMLElement ? event.target : undefined;
    const { start, span } = target?.dataset ?? {};
    if (start !== undefined && !target?.classList.contains('masked')) {
      this.#go(Number(start), span);
      return;
    }
    const box = this.element.getBoundingClientRect();
    this.#go(Math.round(((event.clientY - box.top) / Math.max(1, box.height)) * this.#length), undefined);
  }
}
