import { type Sentence, splitSentences } from '../../../src/core/behaviours/sentences.ts';
import { type Place, sentencePlace } from '../../../src/core/review/index.ts';
import { formatCount } from '../../../src/core/text/format.ts';
import type { TraceView } from '../../rendering/trace.ts';
import type { Announcer } from '../../ui/announcer.ts';
import { Ring } from './ring.ts';

/** The sentences of a text, in order. */
export type SentencesOf = (text: string) => readonly Sentence[];

/** Splits a text into sentences, and keeps those of the last text. */
export function lastSentences(): SentencesOf {
  let known: { text: string; sentences: readonly Sentence[] } = { text: '', sentences: [] };
  return (text) => {
    if (known.text !== text) known = { text, sentences: splitSentences(text).filter((one) => one.textEnd > one.start) };
    return known.sentences;
  };
}

interface CursorPage {
  trace(): TraceView | undefined;
  scroller: HTMLElement;
  announcer: Announcer;
  sentences: SentencesOf;
  /** Where the cursor begins: the lit span, the click or the selection in the text, if any. */
  origin(): number | undefined;
  /** The cursor is about to move: unlights the span and removes the selection. */
  leave(): void;
}

/** Characters of a sentence that are announced. */
const READ_OUT = 400;

/** A cursor over the sentences of the trace, with a ring around one sentence or several neighbours. */
export class SentenceCursor {
  readonly #page: CursorPage;
  readonly #ring = new Ring();
  /** Indexes of the sentence at which an extension began, and of the one that moves. */
  #at: { trace: TraceView; anchor: number; head: number } | undefined;

  constructor(page: CursorPage) {
    this.#page = page;
  }

  /** The text of its sentences, without the white space around it; undefined while the cursor is nowhere. */
  get range(): Place | undefined {
    const at = this.#at;
    const trace = this.#page.trace();
    if (at === undefined || at.trace !== trace) return undefined;
    const { text } = trace.content;
    const sentences = this.#page.sentences(text);
    const first = sentences[Math.min(at.anchor, at.head)];
    const last = sentences[Math.max(at.anchor, at.head)];
    return first && last && { start: sentencePlace(text, first).start, end: last.textEnd };
  }

  /** Moves by one sentence beyond its end in a direction, or enters the text. */
  move(direction: 1 | -1): void {
    this.#go(direction, false);
  }

  /** Adds the next sentence in a direction, or gives the last one up. */
  extend(direction: 1 | -1): void {
    this.#go(direction, true);
  }

  /** Covers all sentences of a place, and announces `words` and its text. */
  goTo({ start, end }: Place, words = ''): void {
    const trace = this.#page.trace();
    if (trace === undefined) return;
    const sentences = this.#page.sentences(trace.content.text);
    const anchor = sentences.findIndex(({ textEnd }) => textEnd > start);
    const head = sentences.findLastIndex((sentence) => sentence.start < end);
    if (anchor >= 0 && head >= anchor) this.#enter(trace, { anchor, head }, start, words);
  }

  /** Where the cursor would enter the text. */
  entry(): number | undefined {
    const trace = this.#page.trace();
    const sentences = trace && this.#page.sentences(trace.content.text);
    return trace && sentences?.[this.#entry(trace, sentences)]?.start;
  }

  clear(): void {
    this.#at = undefined;
    this.#ring.hide();
  }

  /** Draws the ring where the sentences are now: text above may have got its final height. */
  place(): void {
    const trace = this.#page.trace();
    const { range } = this;
    if (trace === undefined || range === undefined) this.#ring.hide();
    else this.#ring.show(trace, range, this.#page.scroller);
  }

  #go(direction: 1 | -1, extend: boolean): void {
    const trace = this.#page.trace();
    if (trace === undefined) return;
    const { announcer } = this.#page;
    const sentences = this.#page.sentences(trace.content.text);
    const from = this.#at?.trace === trace && this.range !== undefined ? this.#at : undefined;
    const head = from === undefined ? this.#entry(trace, sentences) : neighbour(from, direction, extend);
    const sentence = sentences[head];
    if (sentence === undefined) {
      announcer.announce(direction === 1 ? 'This is the last sentence.' : 'This is the first sentence.', 'warning');
      return;
    }
    const anchor = extend && from !== undefined ? from.anchor : head;
    this.#enter(trace, { anchor, head }, sentencePlace(trace.content.text, sentence).start);
  }

  /** @param from Offset that is shown and read. */
  #enter(trace: TraceView, at: { anchor: number; head: number }, from: number, words?: string): void {
    const { announcer, scroller } = this.#page;
    const { text } = trace.content;
    const sentences = this.#page.sentences(text);
    this.#page.leave();
    this.#at = { trace, ...at };
    trace.reveal(scroller, from);
    this.place();
    const end = sentences[at.head]?.textEnd ?? from;
    announcer.announce(
      words ?? this.#description(sentences.length),
      'info',
      `: ${text.slice(from, Math.min(end, from + READ_OUT))}`,
    );
  }

  /** The sentence at the origin, if it is on the screen; otherwise the first one that begins there. */
  #entry(trace: TraceView, sentences: readonly Sentence[]): number {
    const seen = trace.visible(this.#page.scroller);
    const origin = this.#page.origin();
    const inside = origin === undefined ? -1 : sentences.findIndex(({ end }) => end > origin);
    const here = sentences[inside];
    if (here !== undefined && here.start < seen.end && here.end > seen.start) return inside;
    const first = sentences.findIndex(({ start }) => start >= seen.start);
    return first < 0 ? sentences.length - 1 : first;
  }

  /** `Sentence 3 of 120 · verification`, `Sentences 3 to 5 of 120`. */
  #description(total: number): string {
    const { range } = this;
    const trace = this.#page.trace();
    if (this.#at === undefined || range === undefined || trace === undefined) return '';
    const [first, last] = [this.#at.anchor, this.#at.head].sort((a, b) => a - b).map((index) => formatCount(index + 1));
    const sentences = first === last ? `Sentence ${first}` : `Sentences ${first} to ${last}`;
    const kinds = trace.content.spans.filter(({ start, end }) => start < range.end && end > range.start);
    const labels = [...new Set(kinds.map(({ kind }) => kind))];
    return [[sentences, formatCount(total)].join(' of '), ...labels].join(' · ');
  }
}

/** The next sentence in a direction: of several, beyond their end there, or beside the one that moves. */
function neighbour({ anchor, head }: { anchor: number; head: number }, direction: 1 | -1, extend: boolean): number {
  const edge = direction === 1 ? Math.max(anchor, head) : Math.min(anchor, head);
  return (extend ? head : edge) + direction;
}
