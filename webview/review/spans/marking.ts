import type { Behaviour, Span, SpanPlace } from '../../../src/core/schemas/index.ts';
import { formatCount } from '../../../src/core/text/format.ts';
import { snapToMaths } from '../../../src/core/text/index.ts';
import type { ActPayload, Disagreement } from '../../../src/protocol/review.ts';
import { sourceName } from '../../rendering/margin.ts';
import type { TraceView } from '../../rendering/trace.ts';
import { noDisagreements } from '../facts/disagreements.ts';
import { pressOf } from '../keys.ts';
import { candidateStops, disagreementStops, type Stop, spanOrder, spanStops, type Walk, walkTo } from '../walk.ts';
import type { MarkingPage } from './moves.ts';
import { SpanMoves, wordEdge } from './moves.ts';
import { lastSentences, SentenceCursor } from './sentence-cursor.ts';
import { StepLabels } from './step-labels.ts';

/** Characters of a span that are announced. */
const READ_OUT = 60;

/** Selected text, labels, and the walk over spans and candidate answers. */
export class Marking {
  readonly #page: MarkingPage;
  readonly #send: MarkingPage['act'];
  readonly moves: SpanMoves;
  readonly sentence: SentenceCursor;
  readonly steps: StepLabels;
  /** The candidate answer or disagreement of the last walk, by its index; valid only for its trace. */
  #stop: { trace: TraceView; what: Walk; id: string } | undefined;
  /** The span of the last act, to be lit when it arrives. */
  #made: readonly SpanPlace[] = [];
  /** Spans that the last act removed, one of them to be lit after an undo. */
  #gone: { trace: TraceView | undefined; ids: readonly string[] } = { trace: undefined, ids: [] };

  constructor(page: MarkingPage) {
    this.#page = { ...page, act: (act) => this.#act(act) };
    this.#send = page.act;
    const sentences = lastSentences();
    this.moves = new SpanMoves(this.#page, sentences);
    this.sentence = new SentenceCursor({
      ...page,
      sentences,
      origin: () => this.#lit?.start ?? this.caret(),
      leave: () => {
        document.getSelection()?.removeAllRanges();
        this.lightSpan(undefined, false);
      },
    });
    this.steps = new StepLabels({ ...page, sentences, cursor: this.sentence, place: () => this.place() });
  }

  /** Source range of the selected text: whole formulas, without surrounding white space. */
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

  /** The selected text, or the sentences of the cursor. */
  place(): { start: number; end: number } | undefined {
    return this.selected() ?? this.sentence.range;
  }

  /** After a selection by the mouse: extends it to whole words and formulas. */
  snapSelection(): void {
    const selection = document.getSelection();
    const trace = this.#page.trace();
    const range = this.selected();
    if (trace === undefined || selection === null || range === undefined) return;
    this.sentence.clear();
    const { text } = trace.content;
    const words = { start: wordEdge(text, range.start, 'start'), end: wordEdge(text, range.end, 'end') };
    const { start, end } = snapToMaths(words, trace.maths);
    const from = trace.positionOf(start, 'start');
    const to = trace.positionOf(end, 'end');
    if (from === undefined || to === undefined) return;
    const { endContainer, endOffset } = selection.getRangeAt(0);
    const backwards = selection.anchorNode === endContainer && selection.anchorOffset === endOffset;
    const [base, extent] = backwards ? [to, from] : [from, to];
    selection.setBaseAndExtent(base.node, base.offset, extent.node, extent.offset);
  }

  /** Shift and an arrow up or down: extends the sentence cursor; without one, moves the start of the lit span. */
  extendOrStart(direction: 1 | -1): void {
    if (this.#lit === undefined) this.sentence.extend(direction);
    else this.moves.edge('start', direction);
  }

  get #lit(): Span | undefined {
    const trace = this.#page.trace();
    return trace?.focused === undefined ? undefined : trace.span(trace.focused);
  }

  /** Offset of the click or the start of the selection, before the formula or word there. */
  caret(): number | undefined {
    const selection = document.getSelection();
    const trace = this.#page.trace();
    if (trace === undefined || selection === null || selection.rangeCount === 0) return undefined;
    const { startContainer, startOffset } = selection.getRangeAt(0);
    const offset = trace.offsetOf(startContainer, startOffset, 'start');
    if (offset === undefined) return undefined;
    const { start } = snapToMaths({ start: offset, end: offset }, trace.maths);
    return start < offset ? start : wordEdge(trace.content.text, offset, 'start');
  }

  /** Labels the selected text or the sentences of the cursor; without these, changes the kind of the lit span. */
  label(kind: Behaviour): void {
    const selected = this.selected();
    const range = selected ?? this.sentence.range;
    const trace = this.#page.trace();
    if (trace === undefined || (range === undefined && trace.focused === undefined)) {
      this.#deadEnd(`Go to a sentence or a span, or select text, then label it ${kind}.`);
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
      this.#deadEnd(`This text is already labelled ${kind}.`);
      return;
    }
    document.getSelection()?.removeAllRanges();
    this.#page.act({ act: 'label', kind, ...range });
    // The cursor stays at its sentence, so that another key adds a label.
    if (selected === undefined) this.#made = [];
    this.#page.announcer.announce(`Labelled ${kind}.`);
  }

  /** Splits the lit span at the click or selection, if that is inside. */
  split(): void {
    const span = this.#lit;
    const at = this.caret();
    this.moves.split(span !== undefined && at !== undefined && at > span.start && at < span.end ? at : undefined);
  }

  /** Whether the key changes the selection: Shift and an arrow. */
  selects({ key, shiftKey }: KeyboardEvent): boolean {
    return shiftKey && key.startsWith('Arrow') && this.selected() !== undefined;
  }

  /** Removes the shortest label on the selected text or the sentences of the cursor; without one, the lit label. */
  removeLabel(): void {
    const trace = this.#page.trace();
    const range = this.place();
    const under = trace?.content.spans
      .filter((span) => range !== undefined && span.start < range.end && span.end > range.start)
      .sort((a, b) => a.end - a.start - (b.end - b.start))[0];
    const span = under ?? this.#lit;
    if (span === undefined) {
      this.#deadEnd(`There is no label here. ${pressOf('nextSpan')} to go to one, or select its text.`);
      return;
    }
    this.#page.act({ act: 'unlabel', spanId: span.id });
    this.#page.announcer.announce(`Label ${span.kind} removed.`);
  }

  walk(what: Walk, direction: 1 | -1): void {
    const trace = this.#page.trace();
    if (trace === undefined) return;
    const from = trace.visible(this.#page.scroller).start;
    const target = walkTo(this.#stops(what, trace), direction, this.#reached(what, trace), from);
    if (target === undefined) {
      this.#deadEnd(this.#noneOf(what));
      return;
    }
    // Otherwise the next split uses the old cursor.
    document.getSelection()?.removeAllRanges();
    this.#goTo(what, trace, target);
    if (target.wrapped) this.#deadEnd(direction === 1 ? 'Back at the first.' : 'Back at the last.');
  }

  /** Goes to a candidate answer or disagreement by its index. */
  goTo(what: 'candidate' | 'disagreement', index: number): void {
    const trace = this.#page.trace();
    const stop = trace === undefined ? undefined : this.#stops(what, trace)[index];
    if (trace !== undefined && stop !== undefined) this.#goTo(what, trace, stop);
  }

  #stops(what: Walk, { content }: TraceView): Stop[] {
    if (what === 'span') return spanStops(content);
    return what === 'candidate' ? candidateStops(content) : disagreementStops(this.#disagreements);
  }

  get #disagreements(): readonly Disagreement[] {
    return this.#page.item()?.disagreements ?? [];
  }

  #reached(what: Walk, trace: TraceView): string | undefined {
    if (what === 'span') return trace.focused;
    return this.#stop?.trace === trace && this.#stop.what === what ? this.#stop.id : undefined;
  }

  #noneOf(what: Walk): string {
    if (what === 'span') return 'This chain has no spans.';
    if (what === 'candidate') return 'No answer was found in this chain.';
    const item = this.#page.item();
    return item === undefined ? '' : noDisagreements(item);
  }

  #goTo(what: Walk, trace: TraceView, { id, start, text }: Stop): void {
    trace.reveal(this.#page.scroller, start);
    if (what === 'span') {
      this.lightSpan(id, true);
      return;
    }
    // Otherwise the next label changes the lit span.
    this.lightSpan(undefined, false);
    this.#stop = { trace, what, id };
    if (what === 'candidate') this.#lightCandidate(trace, id, text);
    else this.#pointAt(trace, this.#disagreements[Number(id)], text);
  }

  /** Lights a span, or none. @param aloud Announces it. */
  lightSpan(id: string | undefined, aloud: boolean): void {
    const trace = this.#page.trace();
    this.#stop = undefined;
    if (id !== undefined) this.sentence.clear();
    for (const lit of trace?.element.querySelectorAll('.candidate.lit') ?? []) lit.classList.remove('lit');
    trace?.focusSpan(id);
    this.#page.lit();
    const span = id === undefined ? undefined : trace?.span(id);
    if (trace === undefined || span === undefined || !aloud) return;
    const { place, total } = spanOrder(trace.content, span.id);
    const text = trace.content.text.slice(span.start, Math.min(span.end, span.start + READ_OUT));
    this.#page.announcer.announce(
      `${formatCount(place)} of ${formatCount(total)}: ${span.kind}, ${sourceName(span, trace.content.own)}`,
      'info',
      `: ${text}`,
    );
  }

  /** After an answer of the host: lights the span that the last act added or restored. */
  settle(): void {
    this.steps.settle();
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
    // After a split, the first part stays lit, so that a merge undoes it.
    if (act.act === 'respan') this.#made = act.add.slice(0, 1);
    if (act.act === 'unlabel' || act.act === 'respan') {
      this.#gone = { trace: this.#page.trace(), ids: act.act === 'unlabel' ? [act.spanId] : act.remove };
    }
    this.#send(act);
  }

  #lightCandidate(trace: TraceView, id: string, announcement: string): void {
    const parts = trace.element.querySelectorAll(`[data-candidate="${CSS.escape(id)}"]`);
    for (const part of parts) part.classList.add('lit');
    this.#page.announcer.announce(announcement);
  }

  #pointAt(trace: TraceView, place: Disagreement | undefined, announcement: string): void {
    if (place === undefined) return;
    this.#page.pointed.show(trace, place.start, place.end);
    const text = trace.content.text.slice(place.start, Math.min(place.end, place.start + READ_OUT));
    this.#page.announcer.announce(announcement, 'info', `: ${text}`);
  }

  /** Handles a click on a label or on the text of a span. */
  clicked(target: Element | null): void {
    const step = target?.closest<HTMLElement>('[data-step]')?.dataset.step;
    const { steps = [], suggested } = this.#page.trace()?.content ?? {};
    const mark = [...steps, suggested].find((place) => place !== undefined && String(place.start) === step);
    if (mark !== undefined) {
      this.sentence.goTo(mark);
      return;
    }
    this.sentence.clear();
    const label = target?.closest<HTMLElement>('.label')?.dataset.label;
    if (label !== undefined) this.lightSpan(label, true);
    else if (document.getSelection()?.isCollapsed !== false) {
      this.lightSpan(target?.closest<HTMLElement>('[data-span]')?.dataset.span, false);
    }
  }

  /** Copies the source: typeset formulas have their text twice. */
  copy(event: ClipboardEvent): void {
    const range = this.selected();
    const text = this.#page.trace()?.content.text;
    if (range === undefined || text === undefined || event.clipboardData === null) return;
    event.clipboardData.setData('text/plain', text.slice(range.start, range.end));
    event.preventDefault();
  }

  #deadEnd(text: string): void {
    this.#page.announcer.announce(text, 'warning');
  }
}
