import { transitions } from '../../../src/core/behaviours/transitions.ts';
import type { PhaseRun } from '../../../src/core/review/phase-runs.ts';
import { firstWrongStep } from '../../../src/core/review/steps.ts';
import type { TraceContent } from '../../rendering/trace.ts';
import { percentAt } from '../../ui/format.ts';
import { describeCandidates, formatStep } from '../facts/answers.ts';

/** A strip of the ribbon. */
interface Strip {
  look: string;
  start: number;
  end: number;
  title?: string;
  span?: string;
}

/** Distinct places in the ribbon: about one per pixel. */
const PLACES = 1_000;

/** An overview of the trace: its spans, its candidate answers, its phases, and the part on the screen. */
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

  /** Shows the marks of a trace, and its phases if they are known. */
  show(content: TraceContent | undefined, phases: readonly PhaseRun[] = []): void {
    if (content === undefined) {
      this.element.replaceChildren();
      return;
    }
    const { text, spans, candidates, segments } = content;
    this.#length = Math.max(1, text.length);
    const strips: Strip[] = segments
      .filter(({ train }) => !train)
      .map(({ start, end }) => ({ look: 'masked', start, end }));
    for (const { id, kind, start, end } of spans) {
      const title = `${kind}: ${text.slice(start, Math.min(end, start + 80))}`;
      strips.push({ look: `bar-span ${kind}`, start, end, title, span: id });
    }
    const wrong = firstWrongStep(content.steps);
    if (wrong !== undefined) strips.push({ look: 'wrong-step', ...wrong, title: 'the first wrong step' });
    for (const { phase, start, end } of phases) {
      const title = `${phase}, ${percentAt(start, text.length)} to ${percentAt(end, text.length)} of the text`;
      strips.push({ look: `phase ${phase}`, start, end, title });
    }
    const titles = describeCandidates(candidates, text.length);
    candidates.forEach(({ start, end, outcome }, index) => {
      strips.push({ look: `tick ${outcome ?? 'ungraded'}`, start, end, title: titles[index] ?? '' });
    });
    // Only changes of the outcome.
    for (const step of transitions(candidates)) {
      const to = candidates[step.to];
      if (to === undefined || (step.kind !== 'wrong-right' && step.kind !== 'right-wrong')) continue;
      strips.push({ look: `turn ${step.kind}`, start: to.start, end: to.end, title: formatStep(step) });
    }
    this.element.replaceChildren(this.#window, ...this.#apart(strips).map((strip) => this.#strip(strip)));
  }

  setWindow(range: { start: number; end: number }): void {
    this.#place(this.#window, range.start, range.end);
  }

  /** Keeps only the first of equal strips at one place, since a text may have any number of marks. */
  #apart(strips: readonly Strip[]): Strip[] {
    const first = new Map<string, Strip>();
    for (const strip of strips) {
      const place = `${strip.look} ${Math.floor((strip.start * PLACES) / this.#length)}`;
      if (!first.has(place)) first.set(place, strip);
    }
    return [...first.values()];
  }

  #strip({ look, start, end, title, span }: Strip): HTMLElement {
    const strip = document.createElement('div');
    strip.className = look;
    strip.dataset.start = String(start);
    if (title !== undefined) strip.title = title;
    if (span !== undefined) strip.dataset.span = span;
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
