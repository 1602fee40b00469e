import { splitTop } from '../brackets.ts';
import type { Value, ValueOf } from './value.ts';

type Relation = ValueOf<'relation'>;

/** A value may follow a label: `smallest: 2`, `Area: \frac{1}{2}`, `range: [0, 4]`. Two letters and a colon may be a ratio of segments. */
const COLON = /^([A-Za-z]+(?:[ '-][A-Za-z]+){0,4}(?<=[A-Za-z][a-z]|[a-z] [A-Z]))\s*:\s*([-+\d([\\{.].*)$/s;
/** The same without a colon, where every value of a list has one: `min 1, max 9`, `Tom has 6`. */
const BARE = /^([A-Za-z]+(?:[ '-][A-Za-z]+){0,4}(?<=[A-Za-z]{3}))\s*([-+]?\d.*|\([^()]*,.*|\[.*)$/s;
const FUNCTION = /(?:sin|cos|tan|cot|sec|csc|sqrt|log|ln|exp|gcd|lcm|max|min|abs|floor|ceil|binomial|pi)$/;
const SYNONYMS = new Map(
  Object.entries({
    maximum: 'max',
    largest: 'max',
    greatest: 'max',
    'maximum value': 'max',
    minimum: 'min',
    smallest: 'min',
    least: 'min',
    'minimum value': 'min',
  }),
);

function relation(text: string, label: string, value: string, read: (part: string) => Value): Relation {
  const words = label
    .toLowerCase()
    .replace(/^the\s*/, '')
    .trim();
  const name: Value = { shape: 'text', text: SYNONYMS.get(words) ?? words };
  return { shape: 'relation', text, operands: [name, read(value)], operators: ['='] };
}

/** Reads `smallest: 2` as a value with a name; undefined for ratios and formulas. */
export function readLabel(text: string, read: (part: string) => Value): Relation | undefined {
  const [, label = '', value = ''] = COLON.exec(text) ?? [];
  return label.length < 2 || value === '' ? undefined : relation(text, label, value, read);
}

/** The values of a list in which each item has a label. */
export function readLabels(items: readonly string[], read: (part: string) => Value): Value[] | undefined {
  const values = items.map((item) => {
    const labelled = readLabel(item, read);
    if (labelled !== undefined) return labelled;
    const [, label = '', value = ''] = BARE.exec(item) ?? [];
    const bracket = /^[([]/.test(value);
    return label === '' || (bracket && FUNCTION.test(label)) || /sqrt|sin$|cos$|tan$|log$|ln$/.test(label)
      ? undefined
      : relation(item, label.replace(/\s*(?:has|have|is|are)$/, ''), value, read);
  });
  return values.includes(undefined) ? undefined : values.filter((value) => value !== undefined);
}

/** The marks of parts after the first one, by the first one. */
const ORDERS = new Map([
  ['a', ['b', 'c', 'd', 'e']],
  ['1', ['2', '3', '4', '5']],
  ['i', ['ii', 'iii', 'iv', 'v']],
  ['A', ['B', 'C', 'D', 'E']],
]);

/** `(a) 3; (b) 5`, `1) 4, 2) 9`: the parts of an answer in their order; undefined for anything else. */
export function readParts(text: string, read: (part: string) => Value): Value | undefined {
  return partsOf(text, '[;,.]', read);
}

function partsOf(text: string, joint: string, read: (part: string) => Value): Value | undefined {
  const order = ORDERS.get(/^\(?([a1iA])\)/.exec(text)?.[1] ?? '');
  if (order === undefined) return undefined;
  const found: string[] = [];
  let rest = text.replace(/^\(?\w+\)/, '');
  for (const mark of order) {
    const next = new RegExp(String.raw`${joint}\(?(?<![A-Za-z\d])${mark}\)`).exec(rest);
    if (next === null) break;
    found.push(rest.slice(0, next.index));
    rest = rest.slice(next.index + next[0].length);
  }
  found.push(rest);
  // `(1)x^2+(2)x` is a sum.
  if (found.length < 2 || found.some((part) => part === '' || /[-+*/^=]$|\\cdot$/.test(part))) return undefined;
  return { shape: 'tuple', text, items: found.map(read) };
}

/** `(2)(4)`, the numbers of statements, and `(a)3(b)5`, the parts of an answer; elsewhere these are products. */
export function readNumbered(text: string, read: (part: string) => Value): Value | undefined {
  if (!/^(?:\(\d\)){2,}$/.test(text)) return partsOf(text, '', read);
  return { shape: 'list', text, items: splitTop(text.replaceAll(')(', '),('), ',').map(read) };
}
