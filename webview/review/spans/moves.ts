import type { Sentence } from '../../../src/core/behaviours/sentences.ts';
import {
  type Edge,
  edgeMoved,
  mergedWithNext,
  moved,
  overSentences,
  type Place,
  type Respan,
  relabelled,
  split,
  takingIn,
} from '../../../src/core/review/index.ts';
import type { Behaviour, Span } from '../../../src/core/schemas/index.ts';
import { snapToMaths } from '../../../src/core/text/index.ts';
import type { ActPayload, ReviewItem } from '../../../src/protocol/review.ts';
import type { Pointed } from '../../rendering/pointed.ts';
import type { TraceView } from '../../rendering/trace.ts';
import type { Announcer } from '../../ui/announcer.ts';
import { pressOf } from '../keys.ts';
import type { SentencesOf } from './sentence-cursor.ts';

/** The reader, for the marking of spans. */
export interface MarkingPage {
  trace(): TraceView | undefined;
  /** The chain of the trace. */
  item(): ReviewItem | undefined;
  pointed: Pointed;
  scroller: HTMLElement;
  announcer: Announcer;
  act(act: ActPayload): void;
  /** The lit span changed. */
  lit(): void;
}

/** Characters at a moved edge that are announced. */
const READ_OUT = 60;

/** Changes of the lit span. Each is one act with one undo. */
export class SpanMoves {
  readonly #page: MarkingPage;
  readonly #sentences: SentencesOf;

  constructor(page: MarkingPage, sentences: SentencesOf) {
    this.#page = page;
    this.#sentences = sentences;
  }

  relabel(kind: Behaviour): void {
    this.#move((span) => relabelled(span, kind), `This span is already labelled ${kind}.`, `Labelled ${kind}.`);
  }

  /** Moves an edge over one sentence: `1` to the end of the text, `-1` to its beginning. */
  edge(edge: Edge, direction: 1 | -1): void {
    const deadEnd = `The span can't ${edge} ${direction === 1 ? 'later' : 'earlier'}.`;
    this.#move(
      (span, { text, sentences }) => edgeMoved(text, sentences, span, edge, direction),
      deadEnd,
      `${edge === 'start' ? 'Starts' : 'Ends'} one sentence ${direction === 1 ? 'later' : 'earlier'}`,
      ({ start, end }, text) =>
        edge === 'start' ? text.slice(start, start + READ_OUT) : text.slice(Math.max(start, end - READ_OUT), end),
    );
  }

  wholeSentences(): void {
    this.#move(
      (span, { text, sentences }) => overSentences(text, sentences, span),
      'The span already covers whole sentences.',
      'Extended to whole sentences.',
    );
  }

  /** Splits at the cursor, otherwise before the second sentence. */
  split(at: number | undefined): void {
    this.#move(
      (span, { text, sentences }) => split(text, sentences, span, at),
      'The span is one sentence. Click where to split it.',
      'Split in two.',
    );
  }

  merge(): void {
    this.#move(
      (span, { spans }) => mergedWithNext(spans, span),
      'No span of the same kind follows.',
      'Merged with the next span.',
    );
  }

  /** Moves the span to another place after a drag. */
  place({ start, end }: Place): void {
    this.#move((span) => moved(span, start, end), 'The span is already there.', 'Span moved.');
  }

  /** The place of a span after a drag of one edge to `offset`: whole words and formulas, never empty. */
  dragged(trace: TraceView, span: Span, edge: Edge, offset: number): Place {
    const { text } = trace.content;
    const raw = { start: span.start, end: span.end, [edge]: wordEdge(text, offset, edge) };
    const { start, end } = snapToMaths(raw, trace.maths);
    return start < end && text.slice(start, end).trim() !== '' ? { start, end } : span;
  }

  #move(
    make: (
      span: Span,
      content: { text: string; spans: readonly Span[]; sentences: readonly Sentence[] },
    ) => Respan | undefined,
    nothing: string,
    done: string,
    read?: (place: Place, text: string) => string,
  ): void {
    const trace = this.#page.trace();
    const span = trace?.focused === undefined ? undefined : trace.span(trace.focused);
    if (trace === undefined || span === undefined) {
      this.#deadEnd(`${pressOf('nextSpan')} to go to a span first, or click on it.`);
      return;
    }
    const { text, spans } = trace.content;
    const change = make(span, { text, spans, sentences: this.#sentences(text) });
    const [made] = change?.add ?? [];
    if (change === undefined || made === undefined) {
      this.#deadEnd(nothing);
      return;
    }
    const move = takingIn(spans, change);
    const more = move.remove.length > change.remove.length;
    this.#page.act({ act: 'respan', ...move });
    const notice = more ? `${done.replace(/\.$/, '')}, merged with the ${made.kind} span there` : done;
    this.#page.announcer.announce(notice, 'info', read === undefined ? '' : `: ${read(made, text)}`);
  }

  #deadEnd(text: string): void {
    this.#page.announcer.announce(text, 'warning');
  }
}

/** A character within a word. Han, kana and Thai have no spaces: each character is a word. */
const IN_WORD = /[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** The edge of the word at an offset: its first character, or the offset after its last one. */
export function wordEdge(text: string, offset: number, edge: Edge): number {
  const isSpace = (at: number): boolean => /\s/.test(text.charAt(at));
  const isWithin = (at: number): boolean => IN_WORD.test(text.charAt(at - 1)) && IN_WORD.test(text.charAt(at));
  let at = offset;
  if (edge === 'start') {
    while (at < text.length && isSpace(at)) at += 1;
    while (isWithin(at)) at -= 1;
  } else {
    while (at > 0 && isSpace(at - 1)) at -= 1;
    while (isWithin(at)) at += 1;
  }
  return at;
}
