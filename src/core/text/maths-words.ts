/** A word of a text. A formula without spaces between its parts is one word: `x^2+y^2=1`. */
export interface MathsWord {
  /** Lower case, without spaces and delimiters. */
  word: string;
  /** `[start, end)` in UTF-16 code units. */
  start: number;
  end: number;
}

/** Separators without meaning between the parts of a formula: white space, delimiters, spacing commands. */
const SKIP = String.raw`(?:\s|\$|~|\\(?:[()[\] ,;:!]|left(?![a-z])|right(?![a-z])))*`;
const ATOM = String.raw`(?:\\[a-z]+|\d+(?:[.,]\d+)*|[\p{L}\p{N}\p{M}]+)`;
/** Mathematical signs. Punctuation, quotes and round brackets belong to the prose. */
const SIGN = String.raw`[^\s\p{L}\p{N}\p{M}\p{C}$~\\.,;:!?'"()‘’“”…]+`;
const WORD = new RegExp(`${ATOM}(?:${SKIP}${SIGN}(?:${SKIP}${ATOM})?)*`, 'giu');
const SPELLINGS: readonly [RegExp, string][] = [
  [/\s|\$|~|\\(?:[()[\] ,;:!]|left(?![a-z])|right(?![a-z]))/g, ''],
  [/\\[dt]frac/g, '\\frac'],
  [/×/g, '\\times'],
  [/[‐-―−]/g, '-'],
];

/**
 * The words of a text, independent of case, spacing, maths delimiters and spellings of a command. An equation is one word, so that eight
 * consecutive words contain prose. Takes linear time.
 */
export function mathsWords(text: string): MathsWord[] {
  const words: MathsWord[] = [];
  for (const match of text.matchAll(WORD)) {
    let word = match[0].normalize('NFKC').toLowerCase();
    for (const [pattern, replacement] of SPELLINGS) word = word.replace(pattern, replacement);
    if (word !== '') words.push({ word, start: match.index, end: match.index + match[0].length });
  }
  return words;
}
