import { findMaths } from '../text/maths.ts';

/** `[start, end)` in UTF-16 code units, including the white space after the sentence. */
export interface Sentence {
  start: number;
  end: number;
  /** End without the white space. */
  textEnd: number;
}

const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|approx|resp|dr|mr|mrs|ms|st|[A-Za-z])\.$/i;
/** Abbreviations only before a number: “no. 3”, but “Wait, no.” */
const BEFORE_NUMBER = /(?:^|[\s(])(?:fig|figs|eq|eqs|no|nos|thm|prop|def|lem|sec|ch|pp?)\.$/i;
const LIST_NUMBER = /(?:^|\n)[ \t]*(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]$/;
/** The end of a displayed formula; text in lower case after it belongs to its sentence. */
const CLOSES_DISPLAY = /(?:\\\]|\$\$|\\end\{[a-zA-Z]{1,12}\*?\})[ \t]*$/;
/** A line that starts a list item, heading, quote, table row or rule. */
const OWN_LINE = /^[ \t]*(?:[-*+•][ \t]|\d{1,3}[.)][ \t]|#{1,6}[ \t]|>|\||---)/;

/** Splits a text into sentences; never inside maths, decimals, abbreviations or list numbers, always at blank lines and block starts. */
export function splitSentences(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  let start = 0;
  for (const end of boundaries(text)) {
    if (end <= start) continue;
    const trimmed = text.slice(start, end).trimEnd().length;
    if (trimmed === 0 && sentences.length > 0) {
      const last = sentences[sentences.length - 1];
      if (last) last.end = end;
    } else {
      sentences.push({ start, end, textEnd: start + trimmed });
    }
    start = end;
  }
  return sentences;
}

/** Offsets at which a sentence starts, and the end of the text. */
function* boundaries(text: string): Generator<number> {
  const maths = findMaths(text);
  let range = 0;
  let lineStart = 0;
  // A run of marks is matched from its first one only, so that a text of dots takes linear time.
  const mark =
    /(?<![.!?。！？…])[.!?。！？…]+["'”’)\]*_]*(?=\s|$)|[。！？]|(?<=[\d)\]$][.!?]{0,4})[.!?](?=[A-Z][a-z])|\n/g;
  for (let match = mark.exec(text); match; match = mark.exec(text)) {
    while (range < maths.length && (maths[range]?.end ?? 0) <= match.index) range++;
    const inside = maths[range];
    if (inside && inside.start <= match.index) {
      mark.lastIndex = inside.end;
      continue;
    }
    const after = match.index + match[0].length;
    if (match[0] === '\n') lineStart = after;
    // A row of a table is one sentence.
    else if (/\S/.exec(text.slice(lineStart, lineStart + 20))?.[0] === '|') continue;
    if (match[0] === '\n' ? endsLine(text, match.index) : endsSentence(text, match.index, after)) {
      let next = after;
      while (next < text.length && /\s/.test(text[next] ?? '')) next++;
      yield next;
      mark.lastIndex = next;
    }
  }
  yield text.length;
}

function endsLine(text: string, at: number): boolean {
  const rest = text.slice(at + 1, at + 400);
  if (/^[ \t]*\n/.test(rest) || OWN_LINE.test(rest)) return true;
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  return (
    OWN_LINE.test(text.slice(lineStart, at)) ||
    /[.!?:;。！？]["'”’)\]*_$]*[ \t]*$/.test(text.slice(Math.max(lineStart, at - 12), at)) ||
    (CLOSES_DISPLAY.test(text.slice(Math.max(0, at - 40), at)) && /^[ \t]*[^\sa-z,;.]/.test(rest))
  );
}

function endsSentence(text: string, markStart: number, markEnd: number): boolean {
  if (text[markStart] !== '.') return true;
  const before = text.slice(Math.max(0, markStart - 12), markStart + 1);
  if (ABBREVIATION.test(before) && !/\b[IxyznkabcABC]\.$/.test(before)) return false;
  if (BEFORE_NUMBER.test(before) && /^\s+\(?\d/.test(text.slice(markEnd, markEnd + 8))) return false;
  if (LIST_NUMBER.test(text.slice(Math.max(0, markStart - 6), markStart + 1))) return false;
  // “approx. 5” and “no. 3” continue in lower case; a new sentence starts with a capital, a digit, maths or a mark.
  return !/^\s+[a-z]/.test(text.slice(markEnd, markEnd + 8)) || /^\s*\n\s*\n/.test(text.slice(markEnd, markEnd + 8));
}
