import type { Announcer } from '../../ui/announcer.ts';
import { candidateStops, type Stop, spanStops, walkTo } from '../walk.ts';
import type { SampleColumn } from './sample-column.ts';

type Kind = 'span' | 'candidate';

/** Goes from one span or candidate answer of a sample to the next. */
export class SampleWalk {
  readonly #announcer: Announcer;
  /** The candidate answer or span of the last walk in the current sample. */
  #lit: string | undefined;

  constructor(announcer: Announcer) {
    this.#announcer = announcer;
  }

  /** Another sample or text is current: the next walk begins where it is on the screen. */
  restart(): void {
    this.#lit = undefined;
  }

  step(column: SampleColumn | undefined, what: Kind, direction: 1 | -1): void {
    const trace = column?.trace;
    if (column === undefined || trace === undefined) return;
    const lit = this.#lit?.startsWith(`${what} `) ? this.#lit.slice(what.length + 1) : undefined;
    const target = walkTo(stopsOf(column, what), direction, lit, trace.visible(column.scroller).start);
    if (target !== undefined) this.#goTo(column, what, target);
    else this.#announcer.announce(`This sample has no ${what === 'span' ? 'spans' : 'answers'}.`, 'warning');
  }

  /** Goes to a candidate answer by its index. */
  toCandidate(column: SampleColumn, index: number): void {
    const stop = stopsOf(column, 'candidate')[index];
    if (stop !== undefined) this.#goTo(column, 'candidate', stop);
  }

  #goTo(column: SampleColumn, what: Kind, { id, start, text }: Stop): void {
    const { trace, scroller } = column;
    if (trace === undefined) return;
    this.#lit = `${what} ${id}`;
    trace.focusSpan(what === 'span' ? id : undefined);
    trace.reveal(scroller, start);
    for (const lit of trace.element.querySelectorAll('.candidate.lit')) lit.classList.remove('lit');
    if (what === 'candidate') {
      for (const part of trace.element.querySelectorAll(`[data-candidate="${CSS.escape(id)}"]`))
        part.classList.add('lit');
    }
    this.#announcer.announce(text);
  }
}

function stopsOf({ trace }: SampleColumn, what: Kind): readonly Stop[] {
  if (trace === undefined) return [];
  return what === 'span' ? spanStops(trace.content) : candidateStops(trace.content);
}
