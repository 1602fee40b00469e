import type { GradingPolicy } from '../../schemas/index.ts';
import { balanced, splitTop, wrapped } from '../brackets.ts';
import { readDate, readTime } from '../calendar.ts';
import { isWholeNumber } from '../normalise.ts';
import { toNumber } from '../rational.ts';
import { isUnitLetter } from '../units/index.ts';
import { countingSpelled } from './counting.ts';
import { exactOf, readExpression } from './expression.ts';
import { readFamily } from './family.ts';
import { isConstant } from './inequality.ts';
import { openInterval, withoutPieces } from './interval.ts';
import { readLabel, readLabels, readNumbered, readParts } from './label.ts';
import { readMatrix } from './matrix.ts';
import { readDeterminant, readMatrixSum } from './matrix-arithmetic.ts';
import { readNumeral } from './numeral.ts';
import { readCases } from './piecewise.ts';
import { readRatio } from './ratio.ts';
import { readRelation } from './relation.ts';
import { meaningOf } from './text.ts';
import type { Value, ValueOf } from './value.ts';

/** Answers are lists of tuples of expressions at most; deeper nesting is read as text. */
const MAX_NESTING = 6;

/** Reads a normal form as the first shape that fits, else as text. */
export function readValue(text: string, policy: GradingPolicy, depth = 0): Value {
  if (depth > MAX_NESTING || text === '' || !balanced(text)) return { shape: 'text', text };
  if (isWholeNumber(text)) return readExpression(text) ?? { shape: 'text', text };
  const read = (part: string) => readValue(part, policy, depth + 1);
  return (
    readMeaning(text, read) ??
    readGaps(text, read) ??
    readCalendar(text) ??
    readParts(text, read) ??
    readMatrices(text, read) ??
    readList(text, read) ??
    readLabel(text, read) ??
    readRelation(text, read) ??
    readRange(text, read) ??
    readRatio(text, read) ??
    readUnion(text, read) ??
    readBracketed(text, read) ??
    readNumeral(text) ??
    readWords(text) ??
    readQuantity(text, policy, read) ??
    readPlusMinus(text, read) ??
    readExpression(text) ?? { shape: 'text', text }
  );
}

const EVERYTHING = '(-\\infty,\\infty)';

/** The empty set and the whole line, in signs and in words. */
function readMeaning(text: string, read: (part: string) => Value): Value | undefined {
  const meaning = meaningOf(text);
  if (text === '\\mathbb{R}' || meaning === 'everything') return read(EVERYTHING);
  const half = /^\\mathbb\{R\}(?:\^|_)\{?([-+])\}?$/.exec(text)?.[1];
  if (half !== undefined) return read(half === '+' ? '(0,\\infty)' : '(-\\infty,0)');
  const empty = ['\\emptyset', '\\{\\}', '{}'].includes(text) || meaning === 'nothing';
  return empty ? { shape: 'set', text, items: [] } : undefined;
}

function readCalendar(text: string): Value | undefined {
  const date = readDate(text);
  if (date !== undefined) return { shape: 'date', text, date };
  const time = readTime(text);
  return time?.half === undefined ? undefined : { shape: 'time', text, time };
}

/** The content of environments: matrices and their sums, determinants, `cases`. */
function readMatrices(text: string, read: (part: string) => Value): Value | undefined {
  if (!text.includes('\\begin{')) return undefined;
  return readMatrix(text, read) ?? readDeterminant(text, read) ?? readMatrixSum(text, read) ?? readCases(text, read);
}

/** `1, 2`, `(1;2)`, and `a=1,b=2; a=3,b=4`, which are the pairs (1, 2) and (3, 4). */
function readList(text: string, read: (part: string) => Value): Value | undefined {
  const groups = splitTop(text, ';');
  const labels = groups.length > 1 ? readLabels(groups, read) : undefined;
  if (labels !== undefined) return { shape: 'list', text, items: labels };
  if (groups.length > 1) return { shape: 'list', text, items: groups.map((group) => asTuple(read(group))) };
  const items = splitTop(text, ',');
  if (items.length < 2) return undefined;
  const labelled = readLabels(items, read);
  if (labelled !== undefined) return { shape: 'list', text, items: labelled };
  const values = items.map(read);
  return readFamily(text, values) ?? { shape: 'list', text, items: regroup(repeatName(values)) };
}

/** `x \ne 0, 1` applies the relation of the first value to each value. */
function repeatName(items: Value[]): Value[] {
  const [first, ...rest] = items;
  if (first?.shape !== 'relation' || first.operators.join() !== 'ne' || !rest.every(isConstant)) return items;
  const [name] = first.operands;
  if (name === undefined || isConstant(name)) return items;
  return [
    first,
    ...rest.map((value): Value => ({ ...first, text: `${name.text}\\ne${value.text}`, operands: [name, value] })),
  ];
}

/** `p = 5, q = 2, p = 7, q = 2`: the names repeat, so these are the pairs (5, 2) and (7, 2). */
function regroup(items: Value[]): Value[] {
  const names = items.map((item) =>
    item.shape === 'relation' && item.operators.join() === '=' ? item.operands[0]?.text : undefined,
  );
  const period = names.indexOf(names[0], 1);
  if (period < 2 || items.length % period !== 0 || names.includes(undefined)) return items;
  if (!names.every((name, i) => name === names[i % period])) return items;
  return Array.from({ length: items.length / period }, (_, i) => {
    const group = items.slice(i * period, (i + 1) * period);
    return { shape: 'tuple', text: group.map((item) => item.text).join(','), items: group };
  });
}

function asTuple(value: Value): Value {
  return value.shape === 'list' ? { shape: 'tuple', text: value.text, items: value.items } : value;
}

/** `40 \sim 55`, from 40 to 55. */
function readRange(text: string, read: (part: string) => Value): Value | undefined {
  const [low, high, ...more] = text.split('\\sim');
  if (!low || !high || more.length > 0) return undefined;
  const end = (value: string) => ({ value: read(value), closed: true });
  return { shape: 'interval', text, low: end(low), high: end(high) };
}

const FUNCTION_NAMES = /arcsin|arccos|arctan|sqrt|sin|cos|tan|cot|sec|csc|log|exp|ln|pi/;

/** Words rather than a product of letters: several words, or one of four letters or more with a vowel. */
function readWords(text: string): Value | undefined {
  if (!/^[A-Za-z]+(?:[ '-][A-Za-z]+)*$/.test(text) || FUNCTION_NAMES.test(text)) return undefined;
  const words = text.split(/[ '-]/);
  // Three or more capitals are the corners of a figure or a ranking, not a product.
  const corners = /^[A-Z]{3,}$/.test(text);
  const spelled =
    corners ||
    words.some((word) => word.length >= 4 && /[aeiouy]/i.test(word)) ||
    words.filter((word) => word.length > 1).length > 1;
  return spelled ? { shape: 'text', text } : undefined;
}

/** The line without some of its points: `\mathbb{R} \setminus \{0\}`. */
const WITHOUT =
  /^(?:\\mathbb\{R\}|\(-\\infty,\+?\\infty\))(?:\\setminus|\\backslash|-)\\?\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\\\}$/;

const EXCEPT =
  /^(?:x is )?(?:all|any) reals?(?: numbers?| values?| x)*,? ?(?:except|but|other than)(?: for)?(?: when| where)? ?(?:[a-z]=)?(.+)$/i;

function readGaps(text: string, read: (part: string) => Value): Value | undefined {
  const without = /[A-Z\\(]/i.test(text[0] ?? '') ? (WITHOUT.exec(text)?.[1] ?? EXCEPT.exec(text)?.[1]) : undefined;
  if (without === undefined && text.includes('\\setminus')) return readDifference(text, read);
  return without === undefined ? undefined : gaps(text, splitTop(without, ',').map(read), read);
}

const DIFFERENCE = /^([^\\]*(?:\\(?!setminus)[^\\]*)*)\\setminus(.+)$/s;

/** `(1, 5) \setminus \{3\}`, `\mathbb{R} \setminus [1, 2]`: intervals without others, or without some points. */
function readDifference(text: string, read: (part: string) => Value): Value | undefined {
  const [, base = '', rest = ''] = DIFFERENCE.exec(text) ?? [];
  if (base === '' || rest.includes('\\setminus')) return undefined;
  const [from, out] = [base, rest].map((part) => piecesOfUnion(read(part)));
  const items = from && out && withoutPieces(from, out);
  return items && { shape: 'union', text, items };
}

/** Intervals and sets of points side by side; undefined with anything else among them. */
function piecesOfUnion(value: Value): Value[] | undefined {
  const pieces = (value.shape === 'union' ? value.items : [value]).map((item) =>
    item.shape === 'set' ? item : openInterval(item),
  );
  return pieces.includes(undefined) ? undefined : pieces.filter((piece) => piece !== undefined);
}

/** The intervals between the excluded points, which must be numbers. */
function gaps(text: string, points: readonly Value[], read: (part: string) => Value): Value | undefined {
  const placed = points.flatMap((value) => {
    const exact = exactOf(value);
    return exact === undefined ? [] : [{ value, at: toNumber(exact) }];
  });
  if (placed.length !== points.length || placed.length === 0) return undefined;
  const sorted = placed.toSorted((x, y) => x.at - y.at).map((point) => point.value);
  const ends = [read('-\\infty'), ...sorted, read('\\infty')];
  const items = ends.slice(1).flatMap((high, i): Value[] => {
    const low = ends[i];
    if (low === undefined) return [];
    return [{ shape: 'interval', text, low: { value: low, closed: false }, high: { value: high, closed: false } }];
  });
  return { shape: 'union', text, items };
}

function readUnion(text: string, read: (part: string) => Value): Value | undefined {
  if (!text.includes('\\cup')) return undefined;
  const parts = splitTop(text.replace(/\\cup(?![a-zA-Z])/g, '\u0002'), '\u0002');
  return parts.length < 2 ? undefined : { shape: 'union', text, items: parts.map(read) };
}

function readBracketed(text: string, read: (part: string) => Value): Value | undefined {
  const pair = wrapped(text);
  if (pair === undefined) return undefined;
  const { open, close, inside } = pair;
  const items = splitTop(inside, inside.includes(';') ? ';' : ',');
  if (open === '\\{') return readBuilder(inside, read) ?? { shape: 'set', text, items: items.map(read) };
  if (open === '{') return read(inside);
  if (open === '[' || close === ']')
    return readRows(text, items, read) ?? readInterval(text, open, close, items.map(read));
  if (items.length > 1) return readSigned(text, read) ?? { shape: 'tuple', text, items: items.map(read) };
  const [only] = items;
  if (only === undefined) return undefined;
  const value = read(only);
  return value.shape === 'expression' ? undefined : value;
}

/** `(1, \pm 7)` is two tuples, `(\pm 1, \pm 2)` four, and `(\pm 1, \mp 2)` two. */
function readSigned(text: string, read: (part: string) => Value): Value | undefined {
  const parts = text.split(/\\pm(?![a-zA-Z])/);
  if (parts.length < 2 || parts.length > 4) return undefined;
  if (text.includes('\\mp')) return readPlusMinus(text, read);
  const texts = parts
    .slice(1)
    .reduce<string[]>(
      (before, part) => before.flatMap((head) => [`${head}+${part}`, `${head}-${part}`]),
      [parts[0] ?? ''],
    );
  return { shape: 'list', text, items: texts.map(read) };
}

/** `\{x \mid x > 2\}` is the interval that its condition describes. */
function readBuilder(inside: string, read: (part: string) => Value): Value | undefined {
  const [name, condition, ...rest] = splitTop(inside, inside.includes('|') ? '|' : ':');
  if (name === undefined || condition === undefined || rest.length > 0 || !/^[a-z](?:\\in\\mathbb\{R\})?$/.test(name))
    return undefined;
  const value = read(condition);
  return value.shape === 'relation' || value.shape === 'list' || value.shape === 'family' ? value : undefined;
}

/** `[[1, 2], [3, 4]]` is a matrix as programs write it. */
function readRows(text: string, items: readonly string[], read: (part: string) => Value): Value | undefined {
  const rows = items.map((item) => (/^\[.*\]$/s.test(item) ? wrapped(item)?.inside : undefined));
  if (rows.length === 0 || rows.includes(undefined)) return undefined;
  return { shape: 'matrix', text, rows: rows.map((row) => splitTop(row ?? '', ',').map(read)) };
}

function readInterval(text: string, open: string, close: string, items: Value[]): Value | undefined {
  const [low, high] = items;
  if (items.length === 2 && low !== undefined && high !== undefined) {
    return {
      shape: 'interval',
      text,
      low: { value: low, closed: open === '[' },
      high: { value: high, closed: close === ']' },
    };
  }
  return items.length > 2 ? { shape: 'tuple', text, items } : undefined;
}

/** Units and percent signs are only present here if the policy uses them. */
function readQuantity(
  text: string,
  policy: GradingPolicy,
  read: (part: string) => Value,
): ValueOf<'quantity'> | undefined {
  const match = /^(.*)\\unit\{([^{}]*)\}$/s.exec(text) ?? /^(.*[\d)}])(%)$/s.exec(text);
  const [, value = '', unit = ''] = match ?? [];
  if (value === '' || (unit === '%' && policy.percent !== 'require')) return undefined;
  return { shape: 'quantity', text, value: read(value.trim()), unit };
}

function readPlusMinus(text: string, read: (part: string) => Value): Value | undefined {
  if (!/\\pm(?![a-zA-Z])/.test(text) || text.split('\\pm').length > 4) return undefined;
  const upper = text.replace(/\\pm(?![a-zA-Z])/g, '+').replace(/\\mp(?![a-zA-Z])/g, '-');
  const lower = text.replace(/\\pm(?![a-zA-Z])/g, '-').replace(/\\mp(?![a-zA-Z])/g, '+');
  return { shape: 'list', text, items: [read(upper), read(lower)] };
}

const UNIT_VECTOR = /^([-+]?)(.*?)\\(?:vec|hat|widehat|bar)\{?\s*\\?([ijk])(?:math)?\}?$/s;

/** `3\hat{i} - \hat{j}` as the tuple of its components; undefined for anything else. */
function readUnitVectors(text: string, read: (part: string) => Value): Value | undefined {
  if (!/\\(?:vec|hat|widehat|bar)\{?[ijk]/.test(text)) return undefined;
  const terms = splitTop(text.replace(/(?<=\})([-+])/g, '\u0002$1'), '\u0002').map((term) => UNIT_VECTOR.exec(term));
  const found = new Map(terms.map((term) => [term?.[3], `${term?.[1] ?? ''}${term?.[2] === '' ? '1' : term?.[2]}`]));
  if (terms.includes(null) || found.size < terms.length) return undefined;
  const names = found.has('k') ? ['i', 'j', 'k'] : ['i', 'j'];
  return { shape: 'tuple', text, items: names.map((name) => read(found.get(name) ?? '0')) };
}

/**
 * Further readings of a normal form that are sometimes right: a decimal comma (`2,74`), a letter that is a unit (`10m`), or a marked
 * unit that is not one. They count only if the first reading differs.
 */
export function otherReadings(text: string, policy: GradingPolicy): Value[] {
  const readings: Value[] = [];
  if (isWholeNumber(text)) return readings;
  const counted = countingSpelled(text);
  if (counted !== undefined) readings.push(readValue(counted, policy));
  const numbered = readNumbered(text, (part) => readValue(part, policy));
  if (numbered !== undefined) readings.push(numbered);
  if (/^-?\d+,\d+$/.test(text)) readings.push(readValue(text.replace(',', '.'), policy));
  // A point with its name: `P(1, 2)`.
  const point = /^[A-Z](?:_\{?\w\}?|')?(\([^()]*,.*\))$/s.exec(text)?.[1];
  if (point !== undefined) readings.push(readValue(point, policy));
  const vector = readUnitVectors(text, (part) => readValue(part, policy));
  if (vector !== undefined) readings.push(vector);
  const letter = /^(.*)\\unit\{([A-Za-z])\}$/s.exec(text);
  if (letter) readings.push(readValue(`${letter[1]}${letter[2]}`, policy));
  const unit = /^(.*[\d)}])([A-Za-z])(?:\^\{?\d\}?)?$/s.exec(text);
  if (policy.units === 'ignore' && unit?.[1] !== undefined && isUnitLetter(unit[2] ?? '')) {
    readings.push(readValue(unit[1], policy));
  }
  return readings;
}
