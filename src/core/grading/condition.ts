/** An answer, and the condition after it under which it holds: `x + 1` and `x \ne 2` of `x + 1 for x \ne 2`. */
export interface Conditional {
  readonly answer: string;
  readonly condition: string;
}

const QUANTIFIED = String.raw`(?:(?:for|where|when|whenever|if|with|provided(?:\s+that)?|such that|given(?:\s+that)?|assuming|on|here)(?![A-Za-z])|\\forall(?![A-Za-z])|(?<=[,;(]\s*)(?:all|any|every|each)(?![A-Za-z]))`;
const WORDY = new RegExp(String.raw`^(.*?\S)[\s,;.(]*${QUANTIFIED}\s*(.+?)\s*\)?\s*\.?$`, 's');
const BRACKETED = /^(.*[^\s,;])\s*[,;]?\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*\.?$/s;
const FILLER =
  /^(?:(?:all|any|every|each|some|an?|the|both|arbitrary|positive|negative|non-?negative|non-?zero|real|rational|integer|natural|complex|even|odd|whole|numbers?|integers?|reals?|constants?|values? of|\\forall)(?![A-Za-z])\s*)+/;
/** One letter or several, and what is required of them. */
const REQUIRED =
  /^([A-Za-z](?:_\{?\w\}?)?(?:\s*(?:,|and)\s*[A-Za-z](?:_\{?\w\}?)?(?![A-Za-z])){0,3})\s*(?:(?:\\(?:ne|le|ge|in|notin|neq|leq|geq)(?![A-Za-z])|[<>]|!=|<=|>=)\s*[^=]+|(?:is|are|be|being|denotes?)\s+[a-z -]{2,60}|)$/;
/** `-1 < x < 1`. */
const BETWEEN =
  /^[^A-Za-z=]{1,40}(?:\\(?:le|leq|infty|pi|sqrt|frac)[^A-Za-z=]{0,40}){0,4}\s*(?:<|\\leq?)\s*([A-Za-z])\s*(?:<|\\leq?)[^A-Za-z=]*(?:\\(?:infty|pi|sqrt|frac)[^A-Za-z=]*)*$/;
const INDEXED = /^(.*[^\s,;])\s*[,;(]\s*([a-z]\s*=\s*(?:\d+\s*,\s*)+(?:\\(?:l|c)?dots|\.{2,})[^=]*?)\)?$/s;
const COUNTED = /^([a-z])\s*=\s*(?:\d+\s*,\s*)+(?:\\(?:l|c)?dots|\.{2,}).*$/;

/** The letters that a condition restricts; undefined if the text is no condition. */
function restricted(text: string, wordy: boolean): string[] | undefined {
  const plain = text.replace(FILLER, '').trim();
  const bare = plain.replace(/^\s*\\in\s*/, '');
  const match = REQUIRED.exec(bare) ?? BETWEEN.exec(bare) ?? COUNTED.exec(bare);
  const letters = match?.[1]?.match(/[A-Za-z]/g);
  if (!letters || letters.length > 4) return undefined;
  // A letter alone is a condition only after words: `for all x`.
  return /^[A-Za-z]$/.test(text.trim()) && !wordy ? undefined : letters;
}

/** Whether the letters occur in the value of an answer: in `k = 1, k < 0` they name two alternatives. */
function concerns(answer: string, letters: readonly string[]): boolean {
  const value = answer.slice(answer.lastIndexOf('=') + 1).replace(/\\[A-Za-z]+/g, ' ');
  const called = /\(([a-z])\)\s*=/.exec(answer)?.[1] ?? /_\{?([a-z])\}?\s*=/.exec(answer)?.[1];
  return letters.some((letter) => new RegExp(`(?<![A-Za-z]{2})${letter}`).test(value) || letter === called);
}

const INEQUALITY = /[<>]|\\(?:le|ge|ne|in|leq|geq|neq|subset)(?![A-Za-z])/;

function lastComma(text: string): Conditional | undefined {
  let depth = 0;
  for (let i = text.length - 1; i > 0; i -= 1) {
    const char = text[i] ?? '';
    if (')]}'.includes(char)) depth += 1;
    else if ('([{'.includes(char)) depth -= 1;
    else if ((char === ',' || char === ';') && depth === 0)
      return { answer: text.slice(0, i).trim(), condition: text.slice(i + 1).trim() };
  }
  return undefined;
}

/**
 * Splits a condition off the end of an answer: `for x \ne 1`, `(n \ge 1)`, `, x > 0`, `for all x \in \mathbb{Z}`, `where c is a constant`.
 * Undefined if there is none, and for answers that are conditions themselves.
 */
export function splitCondition(text: string): Conditional | undefined {
  if (!/[A-Za-z]/.test(text) || text.length > 300 || text.includes('\\begin')) return undefined;
  const [wordy, bracketed, comma] = [WORDY.exec(text), BRACKETED.exec(text), lastComma(text)];
  const found: (Conditional & { words: boolean })[] = [];
  if (wordy?.[1] && wordy[2]) found.push({ answer: wordy[1], condition: wordy[2], words: true });
  if (bracketed?.[1] && bracketed[2]) found.push({ answer: bracketed[1], condition: bracketed[2], words: false });
  const indexed = INDEXED.exec(text);
  if (indexed?.[1] && indexed[2]) found.push({ answer: indexed[1], condition: indexed[2], words: false });
  if (comma !== undefined) found.push({ ...comma, words: false });
  for (const { answer, condition, words } of found) {
    const letters = restricted(condition.replace(/^(?:where|with|for|if|when)\s+/, ''), words);
    if (letters === undefined || INEQUALITY.test(answer) || !/[\dA-Za-z]/.test(answer)) continue;
    const constant = /\bconstant|\\mathbb\s*\{?\s*[RCQ]\s*\}?\s*$|^[A-Za-z]$/.test(condition.trim());
    if (concerns(answer, letters) || (words && constant)) {
      const before = splitCondition(answer);
      return before ?? { answer: answer.replace(/[\s,;(]+$/, ''), condition };
    }
  }
  return undefined;
}
