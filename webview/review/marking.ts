import type { Behaviour } from '../../src/core/model/index.ts';
import { snapToMaths } from '../../src/core/text/index.ts';
import type { ActPayload } from '../../src/protocol/review.ts';
import { sourceWord } from '../rendering/margin.ts';
import type { TraceView } from '../rendering/trace.ts';
import type { Announcer } from './announcer.ts';
import { spanOrder, type Walk, walkTo } from './walk.ts';

/** How much of a span's text is read out. */
const READ_OUT = 60;

/** What marking needs of the reader. */
interface MarkingPage {
  trace(): TraceView | undefined;
  scroller: HTMLElement;
  announcer: Announcer;
  act(act: ActPayload): void;
}

/** Selected text, labels, and the walk over spans and candidate answers. */
export class Marking {
  readonly #page: MarkingPage;
  /** Candidate answer that is lit, as its place in the list. */
  #candidate: string | undefined;

  constructor(page: MarkingPage) {
    this.#page = page;
  }

  /** Source range of the text that is selected in the trace: whole formulas, without white space at its ends. */
  selected(): { start: number; end: number } | undefined {
    const selection = document.getSelection();
    const trace = this.#page.trace();
    if (trace === undefined || selection === null || selection.isCollapsed) return undefined;
    const range = trace.sourceRange(selection.getRangeAt(0));
    if (range === undefined) return undefined;
    const snapped = snapToMaths(range, trace.maths);
    const inside = trace.content.text.slice(snapped.start, snapped.end);
    const start = snapped.start + inside.length - inside.trimStart().length;
    const end = start + inside.trim().length;
    return start < end ? { start, end } : undefined;
  }

  label(kind: Behaviour): void {
    const range = this.selected();
    const trace = this.#page.trace();
    if (range === undefined || trace === undefined) {
      this.#deadEnd(`Select the text first, then label it ${kind}.`);
      return;
    }
    const same = trace.content.spans.find(
      (span) => span.kind === kind && span.start === range.start && span.end === range.end,
    );
    if (same !== undefined) {
      this.#deadEnd(`This text is labelled ${kind} already.`);
      return;
    }
    document.getSelection()?.removeAllRanges();
    this.#page.act({ act: 'label', kind, ...range });
    this.#page.announcer.say(`Labelled ${kind}.`);
  }

  /** Removes the shortest label on the selected text, else the one that is lit. */
  removeLabel(): void {
    const trace = this.#page.trace();
    const range = this.selected();
    const under = trace?.content.spans
      .filter((span) => range !== undefined && span.start < range.end && span.end > range.start)
      .sort((a, b) => a.end - a.start - (b.end - b.start))[0];
    const span = under ?? (trace?.focused === undefined ? undefined : trace.span(trace.focused));
    if (span === undefined) {
      this.#deadEnd('There is no label here. Go to one with ] or [, or select its text.');
      return;
    }
    this.#page.act({ act: 'unlabel', spanId: span.id });
    this.#page.announcer.say(`Label ${span.kind} removed.`);
  }

  walk(what: Walk, direction: 1 | -1): void {
    const trace = this.#page.trace();
    if (trace === undefined) return;
    const from = trace.visible(this.#page.scroller).start;
    const target = walkTo(trace.content, what, direction, trace.focused, this.#candidate, from);
    if (target === undefined) {
      this.#deadEnd(what === 'span' ? 'This chain has no spans.' : 'No answer was found in this chain.');
      return;
    }
    trace.reveal(this.#page.scroller, target.start);
    if (what === 'span') this.lightSpan(target.id, true);
    else this.#lightCandidate(target.id, target.words);
    if (target.wrapped) this.#deadEnd(direction === 1 ? 'Back at the first one.' : 'Back at the last one.');
  }

  /** Lights a span up, or none; `aloud` also says what it is. */
  lightSpan(id: string | undefined, aloud: boolean): void {
    const trace = this.#page.trace();
    this.#candidate = undefined;
    for (const lit of trace?.element.querySelectorAll('.candidate.lit') ?? []) lit.classList.remove('lit');
    trace?.focusSpan(id);
    const span = id === undefined ? undefined : trace?.span(id);
    if (trace === undefined || span === undefined || !aloud) return;
    const { place, total } = spanOrder(trace.content, span.id);
    const text = trace.content.text.slice(span.start, Math.min(span.end, span.start + READ_OUT));
    this.#page.announcer.say(
      `${place} of ${total}: ${span.kind}, ${sourceWord(span, trace.content.own)}`,
      'info',
      `: ${text}`,
    );
  }

  #lightCandidate(id: string, words: string): void {
    this.lightSpan(undefined, false);
    this.#candidate = id;
    const parts = this.#page.trace()?.element.querySelectorAll(`[data-candidate="${CSS.escape(id)}"]`) ?? [];
    for (const part of parts) part.classList.add('lit');
    this.#page.announcer.say(words);
  }

  /** A click on a label or on a span's text. */
  clicked(target: Element | null): void {
    const label = target?.closest<HTMLElement>('.label')?.dataset.label;
    if (label !== undefined) this.lightSpan(label, true);
    else if (document.getSelection()?.isCollapsed !== false) {
      this.lightSpan(target?.closest<HTMLElement>('[data-span]')?.dataset.span, false);
    }
  }

  /** What is copied is the source: typeset maths would come out twice, once for the eye and once for the ear. */
  copy(event: ClipboardEvent): void {
    const range = this.selected();
    const text = this.#page.trace()?.content.text;
    if (range === undefined || text === undefined || event.clipboardData === null) return;
    event.clipboardData.setData('text/plain', text.slice(range.start, range.end));
    event.preventDefault();
  }

  #deadEnd(text: string): void {
    this.#page.announcer.say(text, 'warning');
  }
}
