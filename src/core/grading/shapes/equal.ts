import type { Method } from '../../schemas/index.ts';
import { readDigitDate, readTime, sameDate, sameTime } from '../calendar.ts';
import { counted, distinct, equalInAnyOrder, equalInOrder } from './collection.ts';
import { piecesOf, piecesOfConditions } from './conditions.ts';
import { equalExpressions } from './expression.ts';
import { asFamily, equalFamilies } from './family.ts';
import { asPieces, asRange, isConstant } from './inequality.ts';
import { equalIntervals, openInterval } from './interval.ts';
import { equalMatrices, vectorEntries } from './matrix.ts';
import { isName } from './name.ts';
import { equalNumerals } from './numeral.ts';
import { equalPiecewise } from './piecewise.ts';
import { equalQuantities, withQuantity } from './quantity.ts';
import { equalRatios } from './ratio.ts';
import { equalRelations, statedSum, statedValue } from './relation.ts';
import { equalTexts, meaningOf } from './text.ts';
import type { Comparison, Value, ValueOf } from './value.ts';

/** Compares two values of any shape. The deciding method is stored in the comparison. */
export function equalValues(gold: Value, prediction: Value, comparison: Comparison): boolean {
  if (gold.shape === 'time' || prediction.shape === 'time') return withTime(gold, prediction, comparison);
  if (gold.shape === 'family' || prediction.shape === 'family') return withFamily(gold, prediction, comparison);
  if (gold.shape === 'numeral' || prediction.shape === 'numeral') return withNumeral(gold, prediction, comparison);
  if (gold.shape === prediction.shape) return sameShape(gold, prediction, comparison);
  if (gold.shape === 'date' || prediction.shape === 'date') return withDate(gold, prediction, comparison);
  if (gold.shape === 'relation') return withRelation(gold, prediction, true, comparison);
  if (prediction.shape === 'relation') return withRelation(prediction, gold, false, comparison);
  if (gold.shape === 'matrix' || prediction.shape === 'matrix') return withMatrix(gold, prediction, comparison);
  if (gold.shape === 'union' || prediction.shape === 'union') return equalUnions(gold, prediction, comparison);
  if (gold.shape === 'interval' || prediction.shape === 'interval') return withInterval(gold, prediction, comparison);
  if (gold.shape === 'quantity' || prediction.shape === 'quantity') return withQuantity(gold, prediction, comparison);
  const [a, b] = [itemsOf(gold), itemsOf(prediction)];
  if (a !== undefined && b !== undefined) return equalCollections(gold, prediction, comparison);
  // One answer in several forms: `7/2 or 3.5`.
  if (a !== undefined && mayBeOne(gold, a)) return isRepeated(a, prediction, comparison, true);
  if (b !== undefined && mayBeOne(prediction, b)) return isRepeated(b, gold, comparison, false);
  if (gold.shape === 'text' || prediction.shape === 'text') return texts(gold, prediction, comparison);
  comparison.method = METHOD_OF[gold.shape] ?? 'set';
  comparison.because = () => `The gold is ${KIND_OF[gold.shape]}, the answer ${KIND_OF[prediction.shape]}.`;
  return false;
}

/** A list, or a set of one; a point is not a number, whatever its coordinates. */
function mayBeOne(value: Value, items: readonly Value[]): boolean {
  return (
    (value.shape === 'list' && items.length > 0) ||
    (value.shape === 'set' && items.length === 1 && items[0]?.shape !== 'set')
  );
}

function isRepeated(items: readonly Value[], other: Value, comparison: Comparison, isGold: boolean): boolean {
  const apart = items.find((item) => !(isGold ? comparison.equal(item, other) : comparison.equal(other, item)));
  if (apart === undefined) return true;
  const [gold, answer] = isGold ? [items.length, 1] : [1, items.length];
  comparison.because = () =>
    `The gold has ${counted(gold)}, the answer ${counted(answer)}; ${apart.text} is not ${other.text}.`;
  return false;
}

const METHOD_OF: Readonly<Partial<Record<Value['shape'], Method>>> = {
  expression: 'expression',
  piecewise: 'piecewise',
  ratio: 'ratio',
  date: 'date',
};

const KIND_OF: Readonly<Record<Value['shape'], string>> = {
  expression: 'an expression',
  numeral: 'a numeral',
  quantity: 'a quantity',
  tuple: 'a tuple',
  set: 'a set',
  list: 'a list',
  interval: 'an interval',
  union: 'a union of intervals',
  matrix: 'a matrix',
  relation: 'an equation or inequality',
  ratio: 'a ratio',
  piecewise: 'a piecewise definition',
  family: 'a family of values',
  time: 'a time',
  date: 'a date',
  text: 'a text',
};

/** `x = 2 pm` states a time. Compared with a time that has am or pm, `2:30` counts as a time. */
function withTime(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const [a, b] = [gold, prediction].map((value) => {
    const stated = statedOrItself(value);
    return stated.shape === 'time' ? stated.time : (readTime(stated.text) ?? readTime(`${stated.text}:00`));
  });
  const equal = a !== undefined && b !== undefined && sameTime(a, b, comparison.policy.units === 'ignore');
  comparison.method = 'time';
  comparison.because = () => (equal ? 'The same time of day.' : `${prediction.text} is not the time ${gold.text}.`);
  return equal;
}

function withFamily(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const [a, b] = [asFamily(gold), asFamily(prediction)];
  if (a !== undefined && b !== undefined) return equalFamilies(a, b, comparison);
  comparison.method = 'family';
  comparison.because = () => 'One answer is a family of values, the other is not.';
  return false;
}

/** `x = 204_5` states a numeral. */
function withNumeral(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const [a, b] = [statedOrItself(gold), statedOrItself(prediction)];
  return equalNumerals(a, b, comparison);
}

function texts(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const meaning = meaningOf(gold.text);
  const equal =
    equalTexts(gold.text, prediction.text) || (meaning !== undefined && meaning === meaningOf(prediction.text));
  comparison.method = 'text';
  comparison.because = () =>
    equal
      ? 'The same words.'
      : `The words differ: “${prediction.text.slice(0, 80)}” is not “${gold.text.slice(0, 80)}”.`;
  return equal;
}

function sameShape(gold: Value, prediction: Value, comparison: Comparison): boolean {
  if (gold.shape === 'expression' && prediction.shape === 'expression')
    return equalExpressions(gold, prediction, comparison);
  if (gold.shape === 'relation' && prediction.shape === 'relation') return equalRelations(gold, prediction, comparison);
  if (gold.shape === 'matrix' && prediction.shape === 'matrix') return equalMatrices(gold, prediction, comparison);
  if (gold.shape === 'interval' && prediction.shape === 'interval') return equalIntervals(gold, prediction, comparison);
  if (gold.shape === 'union') return equalUnions(gold, prediction, comparison);
  if (gold.shape === 'quantity' && prediction.shape === 'quantity')
    return equalQuantities(gold, prediction, comparison);
  if (gold.shape === 'piecewise' && prediction.shape === 'piecewise')
    return equalPiecewise(gold, prediction, comparison);
  if (gold.shape === 'ratio' && prediction.shape === 'ratio') return equalRatios(gold, prediction, comparison);
  if (gold.shape === 'date' || prediction.shape === 'date') return withDate(gold, prediction, comparison);
  return gold.shape === 'text' ? texts(gold, prediction, comparison) : equalCollections(gold, prediction, comparison);
}

/** Compared with a date, `7/4` is not a fraction. */
function withDate(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const [a, b] = [gold, prediction].map((value) => {
    const stated = statedOrItself(value);
    return stated.shape === 'date' ? stated.date : readDigitDate(stated.text);
  });
  const equal = a !== undefined && b !== undefined && sameDate(a, b);
  comparison.method = 'date';
  comparison.because = () => (equal ? 'The same day.' : `${prediction.text} is not ${gold.text}.`);
  return equal;
}

function itemsOf(value: Value): readonly Value[] | undefined {
  if (value.shape === 'list' || value.shape === 'set' || value.shape === 'tuple') return value.items;
  return undefined;
}

/** Tuples keep their order by policy, also against a bare list; lists and sets do not. `(1, 2)` is never `\{1, 2\}`. */
function equalCollections(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const shapes = [gold.shape, prediction.shape];
  const tuple = shapes.includes('tuple');
  const method = tuple ? 'tuple' : 'set';
  comparison.method = method;
  comparison.because = () => `The gold is ${KIND_OF[gold.shape]}, the answer ${KIND_OF[prediction.shape]}.`;
  if (tuple && shapes.includes('set')) return false;
  let equal = false;
  if (tuple) {
    const [a, b] = [entries(gold), entries(prediction)];
    const order = comparison.policy.orderedTuples ? equalInOrder : equalInAnyOrder;
    equal = order(a, b, comparison);
  } else {
    const [a, b] = [entries(gold), entries(prediction)];
    equal =
      severalNames(a) || severalNames(b)
        ? equalByName(a, b, comparison)
        : equalAsSets(a, b, comparison, !shapes.includes('set'));
  }
  comparison.method = method;
  return equal;
}

/** The entries, with `n = 1, 2, 3` read as 1, 2, 3 and a `\pm` among them as two. */
function entries(value: Value): Value[] {
  const items = itemsOf(value) ?? [];
  const flat = value.shape === 'tuple' ? [...items] : items.flatMap((item) => expand(item));
  const [first, ...rest] = flat;
  if (first?.shape === 'relation' && rest.length > 0 && rest.every((item) => item.shape !== 'relation')) {
    const stated = statedValue(first);
    if (stated !== undefined) return [stated, ...rest];
  }
  return flat;
}

function expand(item: Value): Value[] {
  if (item.shape === 'list') return [...item.items];
  if (item.shape !== 'relation') return [item];
  const stated = statedValue(item);
  const name = item.operands[0];
  if (stated?.shape !== 'list' || name === undefined) return [item];
  return stated.items.map((value) => ({
    ...item,
    text: `${name.text}=${value.text}`,
    operands: [name, value],
    operators: ['='],
  }));
}

/** `x = 1, y = 2` names two things; `x = 1, x = 2` and `1, 2` do not. */
function severalNames(items: readonly Value[]): boolean {
  return new Set(items.map(nameOf)).size > 1;
}

function nameOf(item: Value): string {
  return item.shape === 'relation' && statedValue(item) !== undefined ? (item.operands[0]?.text ?? '') : '';
}

function equalByName(gold: Value[], prediction: Value[], comparison: Comparison): boolean {
  const byName = (items: Value[]) => items.toSorted((x, y) => (nameOf(x) < nameOf(y) ? -1 : 1));
  const [a, b] = [byName(gold), byName(prediction)];
  const sameNames = a.length === b.length && a.every((item, i) => nameOf(item) === nameOf(b[i] ?? item));
  if (sameNames) return equalInOrder(a, b, comparison);
  // `f(1) = 2, f(2) = 5` against `2, 5`: without names, the order says which is which.
  const [x, y] = [gold, prediction].map((items) => items.map(nameOf));
  const bare = [x, y].some((names) => names?.every((name) => name === ''));
  // `x_1 = 2, x_2 = 7` numbers two roots.
  const kinds = (names: string[]) => new Set(names.map((name) => name.replace(/_.*$/, ''))).size;
  const distinctNames = [x, y].some((names) => names?.every((name) => name !== '') && kinds(names) === names.length);
  if (bare && distinctNames && gold.length === prediction.length)
    return equalInOrder(gold.map(statedOrItself), prediction.map(statedOrItself), comparison);
  return !named(gold, prediction) && equalAsSets(gold, prediction, comparison, true);
}

/** Both sides name every value, so other names are other answers. */
function named(gold: Value[], prediction: Value[]): boolean {
  return [...gold, ...prediction].every((item) => nameOf(item) !== '');
}

/** A list that repeats a value equals one that does not; if both repeat, each value must occur equally often. */
function equalAsSets(gold: Value[], prediction: Value[], comparison: Comparison, lists: boolean): boolean {
  const [a, b] = [gold.map(statedOrItself), prediction.map(statedOrItself)];
  const [x, y] = [distinct(a, comparison), distinct(b, comparison)];
  const counts = lists && x.length < a.length && y.length < b.length;
  return counts ? equalInAnyOrder(a, b, comparison) : equalInAnyOrder(x, y, comparison);
}

function statedOrItself(item: Value): Value {
  return item.shape === 'relation' ? (statedValue(item) ?? item) : item;
}

/** A relation compared with another shape: the value it states, or the interval it describes. */
function withRelation(relation: ValueOf<'relation'>, other: Value, isGold: boolean, comparison: Comparison): boolean {
  const against = (value: Value) => (isGold ? comparison.equal(value, other) : comparison.equal(other, value));
  const stated = statedValue(relation);
  if (stated !== undefined) return against(stated) || approximation(relation).some(against);
  const sum = isGold || other.shape !== 'expression' ? undefined : statedSum(relation);
  if (sum !== undefined && isConstant(other)) return against(sum);
  const pieces = asPieces(relation)?.length ?? 0;
  const conditions = other.shape === 'list' && piecesOfConditions([...other.items, relation]) !== undefined;
  if (other.shape === 'union' || conditions || (other.shape === 'list' && pieces > 1))
    return isGold ? equalUnions(relation, other, comparison) : equalUnions(other, relation, comparison);
  const range = asRange(relation);
  if (range !== undefined && ['interval', 'tuple'].includes(other.shape)) return against(range);
  comparison.method = 'equation';
  comparison.because = () =>
    isGold
      ? `The gold is an equation or inequality, the answer ${KIND_OF[other.shape]}.`
      : `The answer is an equation or inequality, the gold ${KIND_OF[other.shape]}.`;
  return false;
}

/** `1/2 \approx 0.5`: the approximation may be the requested value. */
function approximation(relation: ValueOf<'relation'>): Value[] {
  const [first] = relation.operands;
  const last = relation.operands.at(-1);
  if (!relation.operators.includes('approx') || last === undefined || first === undefined || isName(first)) return [];
  return [last];
}

function withMatrix(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const cell =
    gold.shape === 'matrix' ? onlyCell(gold) : prediction.shape === 'matrix' ? onlyCell(prediction) : undefined;
  if (cell !== undefined)
    return gold.shape === 'matrix' ? comparison.equal(cell, prediction) : comparison.equal(gold, cell);
  const entriesOf = (value: Value) => {
    if (value.shape === 'matrix') return vectorEntries(value);
    return value.shape === 'set' ? undefined : itemsOf(value);
  };
  const [a, b] = [entriesOf(gold), entriesOf(prediction)];
  const equal = a !== undefined && b !== undefined && equalInOrder(a, b, comparison);
  comparison.method = 'matrix';
  if (a === undefined || b === undefined)
    comparison.because = () => `The gold is ${KIND_OF[gold.shape]}, the answer ${KIND_OF[prediction.shape]}.`;
  return equal;
}

/** `\begin{array}{c} 5 \end{array}` is only formatting. */
function onlyCell(matrix: ValueOf<'matrix'>): Value | undefined {
  return matrix.rows.length === 1 && matrix.rows[0]?.length === 1 ? matrix.rows[0][0] : undefined;
}

/** Pieces of a union in any order; a pair among them is an open interval. */
function equalUnions(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const equal = equalInAnyOrder(piecesOf(gold), piecesOf(prediction), comparison);
  comparison.method = 'interval';
  if (equal) comparison.because = () => 'The same pieces of the line.';
  return equal;
}

function withInterval(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const list = [gold, prediction].find((value) => value.shape === 'list');
  if (list?.shape === 'list' && piecesOfConditions(list.items)) return equalUnions(gold, prediction, comparison);
  const [a, b] = [openInterval(gold), openInterval(prediction)];
  const equal = a !== undefined && b !== undefined && equalIntervals(a, b, comparison);
  comparison.method = 'interval';
  return equal;
}
