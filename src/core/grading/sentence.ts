import { closingBrace } from './brackets.ts';
import { readConclusion } from './extract/conclusion.ts';
import { onlyNumber } from './extract/phrase.ts';

/** More words than a labelled value has, such as `Team 7` or `Area: 20`. */
const LEAST_WORDS = 3;
/** Words after which a number is not the answer. */
const LIMITING =
  /\b(?:not|no|never|cannot|maybe|perhaps|if|unless|except|than|between|either|or|least|most|approximately|respectively)\b|\?/i;

/** Mathematics after the last word. */
const ENDING =
  /\s(?:of|to|at|by|obtain|get|has|have)\s+\$?([-+]?(?:\d|\\[a-z]+)[^$A-Za-z]*(?:\\[a-z]+[^$A-Za-z]*)*)\$?\s*\.?$/;

/** The text of a gold with the words of `\text{…}` as plain words. */
function plain(gold: string): string {
  let out = gold;
  for (let i = 0; i < 20; i += 1) {
    const match = /\\(?:text|textbf|textit|textrm|mathrm|mbox)\s*\{/.exec(out);
    const end = match === null ? -1 : closingBrace(out, match.index + match[0].length - 1);
    if (match === null || end < 0) return out;
    out = `${out.slice(0, match.index)} ${out.slice(match.index + match[0].length, end - 1)} ${out.slice(end)}`;
  }
  return out;
}

/** Whether a gold is a sentence with a value in it, rather than a value or words alone. */
export function isSentence(gold: string): boolean {
  if (
    gold.length > 600 ||
    /^\s*(?:\\boxed|\$)?\s*[-+(\\[{\d]/.test(gold.replace(/^\s*\\(?:text|mathrm|textbf)\s*\{/, ''))
  )
    return false;
  const text = plain(gold);
  if (!/\d|\\[a-z]/.test(text)) return false;
  if (/[\u4e00-\u9fff]/.test(text)) return /[\u4e00-\u9fff]{2,}[^\u4e00-\u9fff]*$/.test(text) || /[为是：:]/.test(text);
  const words = text.replace(/\\[a-zA-Z]+/g, ' ').match(/(?<![A-Za-z])[A-Za-z]{2,}(?![A-Za-z])/g) ?? [];
  return words.length >= LEAST_WORDS || (words.length === 2 && /\b(?:is|are|equals?)\b/.test(text));
}

const CONCLUDING = /\b(?:so|thus|therefore|hence|answer)\b|因此|所以|答案|[故则]/i;

/** The value in which such a sentence ends, or its only number; undefined if neither is clear, as in a sentence with several values. */
export function valueOfSentence(gold: string): string | undefined {
  const text = plain(gold).replace(/\s+/g, ' ').trim();
  const concluded = readConclusion(text, 0, text.length)?.answer;
  if (concluded !== undefined) return isOnly(text, concluded) ? concluded : undefined;
  if (LIMITING.test(text)) return undefined;
  const last = ENDING.exec(text)?.[1];
  if (last !== undefined) return isOnly(text, last) ? last : undefined;
  return onlyNumber(text, 0, text, 'bare')?.answer;
}

/** Whether no other number is before a value, except in an argument that leads to it. */
function isOnly(text: string, value: string): boolean {
  const before = text.slice(0, Math.max(0, text.lastIndexOf(value)));
  return !/\d/.test(before) || CONCLUDING.test(before);
}
