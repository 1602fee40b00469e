import { fractionText } from '../rational.ts';
import { countedMeasure, readCompound, readMeasure } from './read.ts';
import { isUnit } from './words.ts';

/** A value with the text after it. */
export interface Counted {
  readonly value: string;
  readonly tail: string;
}

/** Where a unit may begin: after a digit, a bracket or π. */
const START =
  /(?<=[\d)}.]|\\pi)\s*(?=[A-Za-z°$€£¢ΩμÅ%\u4e00-\u9fff]|\\(?:degree|mu|Omega|AA|mathring|text|[$%])(?![A-Za-z]))/g;
const MAX_STARTS = 20;
const JOINT = /(\s*(?:[,;]|(?<![A-Za-z\\])(?:and|or)(?![A-Za-z]))\s*)/;

/**
 * Marks the unit of each value in an answer as `\unit{…}` in its one spelling, for comparison. `counted` finds the words after a
 * plain number that are not a known unit (`5 apples`). With `sum`, `2 h 30 min` becomes one value.
 */
export function markUnits(text: string, sum: boolean, counted: (item: string) => Counted | undefined): string {
  const compound = sum ? readCompound(text) : undefined;
  if (compound) {
    return `${fractionText(compound.value)}\\unit{${compound.unit}}`;
  }
  const items = text.split(JOINT);
  return items.map((item, i) => (i % 2 === 0 ? markItem(item, counted) : item)).join('');
}

function markItem(item: string, counted: (item: string) => Counted | undefined): string {
  const known = splitKnown(item);
  if (known) return `${known.value}\\unit{${known.tail}}`;
  const words = counted(item);
  return words ? `${words.value}\\unit{${countedMeasure(words.tail).text}}` : item;
}

function splitKnown(item: string): Counted | undefined {
  let starts = 0;
  for (const match of item.matchAll(START)) {
    starts += 1;
    if (starts > MAX_STARTS) return undefined;
    const value = item.slice(0, match.index);
    const tail = item.slice(match.index + match[0].length);
    // `2h` may be twice a height; one letter is a unit only after a plain number.
    if (/^[A-Za-z](?![A-Za-z])/.test(tail) && !isPlain(value)) continue;
    const measure = readMeasure(tail);
    if (measure) return { value, tail: measure.text };
  }
  return undefined;
}

/** What distinguishes units from variables: a quotient, a negative power, a sign of their own, a name of two letters or more. */
const SURE = /[/ΩÅμ]|\^\s*\{?\s*-|\\(?:Omega|AA|mathring|mu)(?![A-Za-z])|(?<![A-Za-z])[A-Za-z]{2,}/;

/** The value before a product of units, such as `9.8` of `9.8 m s^{-2}`; undefined if anything else follows the value. */
export function beforeMeasure(text: string): string | undefined {
  for (const match of [...text.matchAll(START)].slice(0, MAX_STARTS)) {
    const [value, tail] = [text.slice(0, match.index), text.slice(match.index + match[0].length)];
    if (
      isPlain(value) &&
      SURE.test(tail) &&
      !/[A-Za-z]\s+\d/.test(tail) &&
      !isProduct(tail) &&
      readMeasure(tail, 'whole')
    )
      return value;
  }
  return undefined;
}

/** Two letters that are no common unit are two variables: `2GM`, `3pV`. */
function isProduct(tail: string): boolean {
  return (tail.match(/(?<![A-Za-z\\])[A-Za-z]{2}(?![A-Za-z])/g) ?? []).some((word) => !isUnit(word));
}

function isPlain(value: string): boolean {
  const stated = value.split(/[=<>]|\\(?:approx|le|ge|in)(?![A-Za-z])/).at(-1) ?? '';
  return !/[A-Za-z]/.test(stated.replace(/\\(?:frac|sqrt|times|cdot|pi)(?![A-Za-z])/g, ''));
}
