import { type Sentence, splitSentences } from '../../src/core/behaviours/sentences.ts';
import type { Behaviour, Span } from '../../src/core/model/index.ts';
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
} from '../../src/core/review/index.ts';
import { snapToMaths } from '../../src/core/text/index.ts';
import type { TraceView } from '../rendering/trace.ts';
import type { MarkingPage } from './marking.ts';

/** How much of the text at a moved edge is read out. */
const READ_OUT = 60;

/** What can be done to the span that is lit. Each move is one act, and one undo takes it back. */
export class SpanMoves {
  readonly #page: MarkingPage;
  /** Sentences of the text that was asked for last. */
  #known: { text: string; sentences: readonly Sentence[] } = { text: '', sentences: [] };

  constructor(page: MarkingPage) {
    this.#page = page;
  }

  relabel(kind: Behaviour): void {
    this.#move((span) => relabelled(span, kind), `This span is labelled ${kind} already.`, `Labelled ${kind}.`);
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
      'The span covers whole sentences already.',
      'Extended to whole sentences.',
    );
  }

  /** Splits where the text was clicked, else before the second sentence. */
  split(at: number | undefined): void {
    this.#move(
      (span, { text, sentences }) => split(text, sentences, span, at),
      'The span is one sentence: click where it shall be split.',
      'Split in two.',
    );
  }

  merge(): void {
    this.#move(
      (span, { spans }) => mergedWithNext(spans, span),
      'No span of the same kind comes behind this one.',
      'Merged with the next one.',
    );
  }

  /** Puts the span on another stretch, as a hand drew it. */
  place({ start, end }: Place): void {
    this.#move((span) => moved(span, start, end), 'The span stands there already.', 'Span moved.');
  }

  /** What a span dragged at one edge to `offset` would cover: whole words and formulas, never nothing. */
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
      this.#deadEnd('Go to a span first: ] or [, or click on it.');
      return;
    }
    const { text, spans } = trace.content;
    const move = make(span, { text, spans, sentences: this.#sentences(text) });
    const [made] = move?.add ?? [];
    if (move === undefined || made === undefined) {
      this.#deadEnd(nothing);
      return;
    }
    const twin = spans.find(
      (other) =>
        !move.remove.includes(other.id) &&
        move.add.some(({ kind, start, end }) => other.kind === kind && other.start === start && other.end === end),
    );
    if (twin !== undefined) {
      this.#deadEnd(`Another span of ${twin.kind} stands on just that text.`);
      return;
    }
    this.#page.act({ act: 'respan', ...move });
    this.#page.announcer.say(done, 'info', read === undefined ? '' : `: ${read(made, text)}`);
  }

  #sentences(text: string): readonly Sentence[] {
    if (this.#known.text !== text) this.#known = { text, sentences: splitSentences(text) };
    return this.#known.sentences;
  }

  #deadEnd(text: string): void {
    this.#page.announcer.say(text, 'warning');
  }
}

/** What a word is made of. Han, kana and Thai are written without spaces: there every sign is a word of its own. */
const IN_WORD = /[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** The border of the word at an offset: its first letter for a start, the place behind its last one for an end. */
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
