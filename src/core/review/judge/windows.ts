import { splitSentences } from '../../behaviours/index.ts';

/** A sentence of a chain, numbered from 1. Offsets are UTF-16 code units of the chain's text, without surrounding white space. */
export interface NumberedSentence {
  n: number;
  start: number;
  end: number;
  /** Text for a judge: on one line, without the middle of a very long sentence. */
  shown: string;
}

/** Sentences of one call, and earlier ones for context. Never empty. */
export interface JudgeWindow {
  context: readonly NumberedSentence[];
  asked: readonly NumberedSentence[];
}

/** Maximum characters of a window, unless a single sentence is longer. */
const LONGEST_WINDOW = 12_000;
/** Longer sentences are shown by start and end, which show the behaviour and limit the prompt. */
const LONGEST_SENTENCE = 1_600;
const SHOWN_START = 1_000;
const SHOWN_END = 400;

/** The sentences of a text in order, numbered from 1, without blank ones. */
export function numberSentences(text: string): NumberedSentence[] {
  return numberRanges(
    text,
    splitSentences(text).map(({ start, textEnd }) => ({ start, end: textEnd })),
  );
}

/** Sentences as someone else split a text, in order, numbered from 1, without blank ones. */
export function numberRanges(text: string, ranges: readonly { start: number; end: number }[]): NumberedSentence[] {
  return ranges
    .map(({ start, end }) => ({ start: start + blankStart(text, start, end), end }))
    .filter(({ start, end }) => end > start)
    .map(({ start, end }, i) => ({ n: i + 1, start, end, shown: oneLine(text, start, end) }));
}

/** Windows of at most `sentences` sentences with up to `context` earlier ones. Every sentence is in exactly one window, in order. */
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

/** On one line, because a line break could start another number, and without lone surrogates, which no request can contain. */
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
