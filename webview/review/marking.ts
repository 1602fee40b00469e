import type { Behaviour, SpanPlace } from '../../src/core/model/index.ts';
import { snapToMaths } from '../../src/core/text/index.ts';
import type { ActPayload } from '../../src/protocol/review.ts';
import { sourceWord } from '../rendering/margin.ts';
import type { TraceView } from '../rendering/trace.ts';
import type { Announcer } from './announcer.ts';
import { candidateWords } from './answers.ts';
import { SpanMoves, wordEdge } from './moves.ts';
import { spanOrder, type Walk, walkTo } from './walk.ts';

/** How much of a span's text is read out. */
const READ_OUT = 60;

/** What marking needs of the reader. */
export interface MarkingPage {
  trace(): TraceView | undefined;
  scroller: HTMLElement;
  announcer: Announcer;
  act(act: ActPayload): void;
  /** Another span is lit, or none. */
  lit(): void;
}

/** Selected text, labels, and the walk over spans and candidate answers. */
export class Marking {
  readonly #page: MarkingPage;
  readonly #send: MarkingPage['act'];
  readonly moves: SpanMoves;
  /** Candidate answer that is lit, as its place in the list. */
  #candidate: string | undefined;
  /** Where the span stands that an act just made: it is lit as soon as it is here. */
  #made: readonly SpanPlace[] = [];
  /** Spans of a trace that the last act took away, one of them to be lit when an undo brings it back. */
  #gone: { trace: TraceView | undefined; ids: readonly string[] } = { trace: undefined, ids: [] };

  constructor(page: MarkingPage) {
    this.#page = { ...page, act: (act) => this.#act(act) };
    this.#send = page.act;
    this.moves = new SpanMoves(this.#page);
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

  /** Where the text was clicked or the selection begins: before a formula and a word, not inside of one. */
  cursor(): number | undefined {
    const selection = document.getSelection();
    const trace = this.#page.trace();
    if (trace === undefined || selection === null || selection.rangeCount === 0) return undefined;
    const { startContainer, startOffset } = selection.getRangeAt(0);
    const offset = trace.offsetOf(startContainer, startOffset, 'start');
    if (offset === undefined) return undefined;
    const { start } = snapToMaths({ start: offset, end: offset }, trace.maths);
    return start < offset ? start : wordEdge(trace.content.text, offset, 'start');
  }

  /** Labels the selected text, else gives the span that is lit another kind. */
  label(kind: Behaviour): void {
    const range = this.selected();
    const trace = this.#page.trace();
    if (trace === undefined || (range === undefined && trace.focused === undefined)) {
      this.#deadEnd(`Select the text first, or go to a span, then label it ${kind}.`);
      return;
    }
    if (range === undefined) {
      this.moves.relabel(kind);
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

  /** Splits the span that is lit at the cursor, where that stands in it. */
  split(): void {
    const trace = this.#page.trace();
    const span = trace?.focused === undefined ? undefined : trace.span(trace.focused);
    const at = this.cursor();
    this.moves.split(span !== undefined && at !== undefined && at > span.start && at < span.end ? at : undefined);
  }

  /** Whether the key belongs to the selection: Shift and an arrow widen or narrow one that is there. */
  selects({ key, shiftKey }: KeyboardEvent): boolean {
    return shiftKey && key.startsWith('Arrow') && this.selected() !== undefined;
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
    // A cursor left behind elsewhere would say where the next split falls.
    document.getSelection()?.removeAllRanges();
    if (what === 'span') this.lightSpan(target.id, true);
    else this.#lightCandidate(target.id, target.words);
    if (target.wrapped) this.#deadEnd(direction === 1 ? 'Back at the first one.' : 'Back at the last one.');
  }

  /** Goes to a candidate answer by its place in the list. */
  goToCandidate(index: number): void {
    const trace = this.#page.trace();
    const candidate = trace?.content.candidates[index];
    if (trace === undefined || candidate === undefined) return;
    trace.reveal(this.#page.scroller, candidate.start);
    const { candidates, text } = trace.content;
    this.#lightCandidate(String(index), candidateWords(candidates, text.length)[index] ?? '');
  }

  /** Lights a span up, or none; `aloud` also says what it is. */
  lightSpan(id: string | undefined, aloud: boolean): void {
    const trace = this.#page.trace();
    this.#candidate = undefined;
    for (const lit of trace?.element.querySelectorAll('.candidate.lit') ?? []) lit.classList.remove('lit');
    trace?.focusSpan(id);
    this.#page.lit();
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

  /** The host has answered: lights the span that the last act made, or brought back. */
  settle(): void {
    const trace = this.#page.trace();
    if (trace === undefined) return;
    const made = this.#made.at(-1);
    const { spans, own } = trace.content;
    const fresh =
      made &&
      spans.find(
        ({ id, kind, start, end }) =>
          own.includes(id) && kind === made.kind && start === made.start && end === made.end,
      );
    this.#made = [];
    const gone = trace === this.#gone.trace && trace.focused === undefined ? this.#gone.ids : [];
    const back = gone.find((id) => trace.span(id) !== undefined);
    if (back !== undefined) this.#gone = { trace: undefined, ids: [] };
    const id = fresh?.id ?? back;
    if (id !== undefined) this.lightSpan(id, false);
    else this.#page.lit();
  }

  #act(act: ActPayload): void {
    if (act.act === 'label') this.#made = [act];
    if (act.act === 'respan') this.#made = act.add;
    if (act.act === 'unlabel' || act.act === 'respan') {
      this.#gone = { trace: this.#page.trace(), ids: act.act === 'unlabel' ? [act.spanId] : act.remove };
    }
    this.#send(act);
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
