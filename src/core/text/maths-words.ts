/** A word of a text with its maths kept whole: `x^2+y^2=1` is one word, however it is spaced and delimited. */
export interface MathsWord {
  /** Lower case, without spaces and delimiters. */
  word: string;
  /** `[start, end)` in UTF-16 code units. */
  start: number;
  end: number;
}

/** What stands between the parts of a formula and says nothing: white space, delimiters, spacing commands. */
const SKIP = String.raw`(?:\s|\$|~|\\(?:[()[\] ,;:!]|left(?![a-z])|right(?![a-z])))*`;
const ATOM = String.raw`(?:\\[a-z]+|\d+(?:[.,]\d+)*|[\p{L}\p{N}\p{M}]+)`;
/** Signs of maths. Punctuation, quotes and round brackets belong to the prose. */
const SIGN = String.raw`[^\s\p{L}\p{N}\p{M}\p{C}$~\\.,;:!?'"()‘’“”…]+`;
const WORD = new RegExp(`${ATOM}(?:${SKIP}${SIGN}(?:${SKIP}${ATOM})?)*`, 'giu');
const SPELLINGS: readonly [RegExp, string][] = [
  [/\s|\$|~|\\(?:[()[\] ,;:!]|left(?![a-z])|right(?![a-z]))/g, ''],
  [/\\[dt]frac/g, '\\frac'],
  [/×/g, '\\times'],
  [/[‐-―−]/g, '-'],
];

/**
 * The words of a text in a form that does not depend on case, spaces and delimiters of maths, or spellings of one command. Joined signs
 * make one word of a formula, so that eight words are prose and not one equation. Linear in the length of the text.
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
