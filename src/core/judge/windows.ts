import { splitSentences } from '../behaviours/index.ts';

/** A sentence of a chain with its number from 1. Offsets are UTF-16 code units of the chain's text, without white space at either end. */
export interface NumberedSentence {
  n: number;
  start: number;
  end: number;
  /** As a judge reads it: on one line, and without its middle where it is very long. */
  shown: string;
}

/** Sentences that one call asks about, and those before them that it only shows. Never empty. */
export interface JudgeWindow {
  context: readonly NumberedSentence[];
  asked: readonly NumberedSentence[];
}

/** Characters of a window, at most, unless one sentence alone has more: a list without full stops is one sentence and can be a page long. */
const LONGEST_WINDOW = 12_000;
/** A longer sentence is shown by its beginning and its end, which tell the act; a hostile text must not become a prompt without limit. */
const LONGEST_SENTENCE = 1_600;
const SHOWN_START = 1_000;
const SHOWN_END = 400;

/** The sentences of a text in order, numbered from 1. White space alone is no sentence. */
export function numberSentences(text: string): NumberedSentence[] {
  return splitSentences(text)
    .map(({ start, textEnd }) => ({ start: start + blankStart(text, start, textEnd), end: textEnd }))
    .filter(({ start, end }) => end > start)
    .map(({ start, end }, i) => ({ n: i + 1, start, end, shown: oneLine(text, start, end) }));
}

/**
 * Cuts the sentences into windows of at most `sentences`, each with up to `context` sentences before it. Every sentence is asked about in
 * exactly one window; windows are in order.
 */
export function judgeWindows(
  all: readonly NumberedSentence[],
  { sentences, context }: { sentences: number; context: number },
): JudgeWindow[] {
  const windows: JudgeWindow[] = [];
  for (let from = 0; from < all.length; ) {
    let to = from;
    for (let size = 0; to < all.length && to - from < sentences; to++) {
      size += all[to]?.shown.length ?? 0;
      if (to > from && size > LONGEST_WINDOW) break;
    }
    windows.push({ context: all.slice(Math.max(0, from - context), from), asked: all.slice(from, to) });
    from = to;
  }
  return windows;
}

function blankStart(text: string, start: number, end: number): number {
  return text.slice(start, end).search(/\S|$/);
}

/** A line break inside a sentence could begin a number of its own, and a cut or given half of a surrogate pair fits into no request. */
function oneLine(text: string, start: number, end: number): string {
  const isLong = end - start > LONGEST_SENTENCE;
  const whole = isLong
    ? `${text.slice(start, start + SHOWN_START)} […] ${text.slice(end - SHOWN_END, end)}`
    : text.slice(start, end);
  return whole
    .replace(/\s+/g, ' ')
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .trim();
}
