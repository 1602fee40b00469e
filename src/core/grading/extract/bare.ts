import { readConclusion } from './conclusion.ts';
import { type ExtractedAnswer, found } from './found.ts';
import { clauseEnd, leadingChoice, onlyNumber } from './phrase.ts';
import type { Region } from './thought.ts';

/** A bare answer is one line of at most this many characters, or a formula of at most MAX_FORMULA. */
const MAX_BARE = 60;
const MAX_FORMULA = 400;
/** Of a longer line, only the end is read. */
const MAX_LINE = 4_000;
const DISPLAY = /\$\$([^$]{1,400})\$\$|\\\[((?:(?!\\\]).){1,400})\\\]/gs;
const FORMULA =
  /\$\$([^$]{1,400})\$\$|\$([^$\n]{1,400})\$|\\\[((?:(?!\\\]).){1,400})\\\]|\\\(((?:(?!\\\)).){1,400})\\\)/gs;

/** Words that the count of Latin words below does not include. */
const OTHER_SCRIPT = /[\p{Script=Han}\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Cyrillic}]/u;

/**
 * The answer of a text without a box or announcement: a short text as it is, a last line of mathematics only, the conclusion of the last
 * line, or a last formula with only a few closing words after it.
 */
export function bareAnswer(text: string, region: Region): ExtractedAnswer | undefined {
  const part = text.slice(region.start, region.end);
  const trimmed = part.trim();
  // No box is closed, so this one is truncated.
  if (trimmed === '' || /\\(?:boxed|fbox)(?![a-zA-Z])/.test(trimmed)) return undefined;
  const start = region.start + part.indexOf(trimmed);
  const end = start + trimmed.length;
  if (!trimmed.includes('\n')) return oneLine(text, start, end);
  const lineStart = start + trimmed.lastIndexOf('\n') + 1;
  if (isFormula(text.slice(lineStart, end))) return found(text, lineStart, end, 'bare');
  return readConclusion(text, lineStart, end) ?? lastDisplay(text, start, end) ?? lastFormulaLine(text, start, end);
}

function oneLine(text: string, start: number, end: number): ExtractedAnswer | undefined {
  const line = text.slice(start, end);
  if (line.length > MAX_LINE) return readConclusion(text, Math.max(start, end - MAX_LINE / 2), end);
  const displays = [...line.matchAll(DISPLAY)];
  const shown = displays.length > 1 ? lastDisplay(text, start, end) : undefined;
  if (shown !== undefined) return shown;
  const letter = leadingChoice(line);
  // `A: 12` may name a choice or answer a `Q:`; the comparison decides.
  const labelled = line.length <= MAX_BARE && /^\s*\(?[A-J]\)?[.:)]\s*[-\d$\\(]/.test(line);
  if (letter !== undefined && !labelled) return found(text, start, start + letter, 'bare');
  const clause = clauseEnd(line);
  if (isFormula(line.slice(0, clause))) return found(text, start, start + clause, 'bare');
  const formulas = [...line.matchAll(FORMULA)];
  const [only] = formulas;
  const prose = line.replace(FORMULA, '');
  const inside = only?.slice(1).find((group) => group !== undefined);
  const words = prose.match(/[A-Za-z]{2,}/g)?.length ?? 0;
  if (
    only !== undefined &&
    inside !== undefined &&
    formulas.length === 1 &&
    prose.length <= MAX_BARE &&
    words >= 2 &&
    !/\d/.test(prose)
  ) {
    const from = start + only.index + only[0].indexOf(inside);
    return found(text, from, from + inside.length, 'bare');
  }
  const stated = readConclusion(text, start, end);
  return (
    stated ??
    (line.length > MAX_BARE ? undefined : (labelledValue(text, start, line) ?? found(text, start, end, 'bare')))
  );
}

const LABEL = /^\s*\p{L}[\p{L} ]{1,30}\s?:\s*(?=[-$€£]?\s?\d)/u;

/** `Perimeter: 36 cm`, `Prix : 2,74 $ …`: the value after a label; of money, only the amount. */
function labelledValue(text: string, start: number, line: string): ExtractedAnswer | undefined {
  const label = LABEL.exec(line)?.[0];
  if (label === undefined) return undefined;
  const rest = line.slice(label.length);
  const from = start + label.length;
  const paid = /[$€£¥]/.test(rest) ? onlyNumber(text, from, rest, 'bare') : undefined;
  return paid ?? found(text, from, from + clauseEnd(rest), 'bare');
}

/** Mathematics only, perhaps in bold or delimiters, perhaps with a name: `**V = 32**`. */
function isFormula(line: string): boolean {
  if (line.length > MAX_FORMULA) return false;
  const joined = line.replace(/(?<=[\w)}])\s*[或和且]\s*(?=[-\w\\({])/g, ' or ');
  if (OTHER_SCRIPT.test(joined)) return false;
  const plain = joined.replace(/(?<=\d)(?:or|and)(?=[A-Z(\\]|[a-z][(=])/g, ' ');
  const words =
    plain.replace(/\\(?:begin|end|text|mathrm)\s*\{[^{}]*\}|\\[a-zA-Z]+/g, ' ').match(/[A-Za-z]{3,}/g) ?? [];
  return (
    (/[\d\\√]/.test(line) || (/[A-Za-z]/.test(line) && !/\p{L}{2}/u.test(line))) &&
    words.every((word) => /^(?:sin|cos|tan|sqrt|log|exp|pi)/.test(word)) &&
    !/[a-z] [a-z]{2,} /.test(line)
  );
}

/** The last displayed formula, if only a few closing words follow it. */
function lastDisplay(text: string, start: number, end: number): ExtractedAnswer | undefined {
  const from = Math.max(start, end - 2_000);
  const match = [...text.slice(from, end).matchAll(DISPLAY)].at(-1);
  const inside = match?.[1] ?? match?.[2];
  if (match === undefined || inside === undefined) return undefined;
  if (text.slice(from + match.index + match[0].length, end).trim().length > MAX_BARE) return undefined;
  const at = from + match.index + 2;
  return found(text, at, at + inside.length, 'bare');
}

/** `42` on its own line before a closing word: `Done.` */
function lastFormulaLine(text: string, start: number, end: number): ExtractedAnswer | undefined {
  const from = Math.max(start, end - 2 * MAX_BARE);
  const lines = text.slice(from, end).split('\n');
  let at = end;
  for (const line of lines.reverse()) {
    at -= line.length;
    if (at >= start && line.trim() !== '' && isFormula(line)) return found(text, at, at + line.length, 'bare');
    at -= 1;
  }
  return undefined;
}
