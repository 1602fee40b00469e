import { distinct, equalInAnyOrder, equalInOrder } from './collection.ts';
import { equalExpressions } from './expression.ts';
import { equalIntervals, openInterval } from './interval.ts';
import { equalMatrices, vectorEntries } from './matrix.ts';
import { asInterval, equalRelations, isName, statedValue } from './relation.ts';
import { equalTexts } from './text.ts';
import type { Comparison, Value, ValueOf } from './value.ts';

/** Compares two readings of any shape. The method that decided is left in the comparison. */
export function equalValues(gold: Value, prediction: Value, comparison: Comparison): boolean {
  if (gold.shape === prediction.shape) return sameShape(gold, prediction, comparison);
  if (gold.shape === 'relation' || prediction.shape === 'relation') return withRelation(gold, prediction, comparison);
  if (gold.shape === 'matrix' || prediction.shape === 'matrix') return withMatrix(gold, prediction, comparison);
  if (gold.shape === 'union' || prediction.shape === 'union') return equalUnions(gold, prediction, comparison);
  if (gold.shape === 'interval' || prediction.shape === 'interval') return withInterval(gold, prediction, comparison);
  const [a, b] = [itemsOf(gold), itemsOf(prediction)];
  if (a !== undefined && b !== undefined) return equalCollections(gold, prediction, comparison);
  if (a?.length === 1 && a[0] !== undefined) return comparison.equal(a[0], prediction);
  if (b?.length === 1 && b[0] !== undefined) return comparison.equal(gold, b[0]);
  if (gold.shape === 'text' || prediction.shape === 'text') return texts(gold, prediction, comparison);
  comparison.method = gold.shape === 'quantity' || gold.shape === 'expression' ? 'expression' : 'set';
  return false;
}

function texts(gold: Value, prediction: Value, comparison: Comparison): boolean {
  comparison.method = 'text';
  return equalTexts(gold.text, prediction.text);
}

function sameShape(gold: Value, prediction: Value, comparison: Comparison): boolean {
  if (gold.shape === 'expression' && prediction.shape === 'expression')
    return equalExpressions(gold, prediction, comparison);
  if (gold.shape === 'relation' && prediction.shape === 'relation') return equalRelations(gold, prediction, comparison);
  if (gold.shape === 'matrix' && prediction.shape === 'matrix') return equalMatrices(gold, prediction, comparison);
  if (gold.shape === 'interval' && prediction.shape === 'interval') return equalIntervals(gold, prediction, comparison);
  if (gold.shape === 'union') return equalUnions(gold, prediction, comparison);
  if (gold.shape === 'quantity' && prediction.shape === 'quantity') {
    return gold.unit === prediction.unit && comparison.equal(gold.value, prediction.value);
  }
  return gold.shape === 'text' ? texts(gold, prediction, comparison) : equalCollections(gold, prediction, comparison);
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
  if (tuple && shapes.includes('set')) return false;
  let equal = false;
  if (tuple) {
    const [a, b] = [entries(gold), entries(prediction)];
    const order = comparison.policy.orderedTuples ? equalInOrder : equalInAnyOrder;
    equal = order(a, b, comparison);
  } else {
    const [a, b] = assignments(entries(gold), entries(prediction));
    equal = equalInAnyOrder(distinct(a, comparison), distinct(b, comparison), comparison);
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

/** Names count where both sides use several; a side that gives one name to all, or none, is compared by values. */
function assignments(gold: Value[], prediction: Value[]): [Value[], Value[]] {
  const named = [gold, prediction].map((items) => {
    const names = items.map((item) =>
      item.shape === 'relation' && statedValue(item) !== undefined ? item.operands[0]?.text : '',
    );
    return new Set(names).size > 1;
  });
  return named[0] && named[1] ? [gold, prediction] : [gold.map(statedOrItself), prediction.map(statedOrItself)];
}

function statedOrItself(item: Value): Value {
  return item.shape === 'relation' ? (statedValue(item) ?? item) : item;
}

function withRelation(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const relation = (gold.shape === 'relation' ? gold : prediction) as ValueOf<'relation'>;
  const other = gold.shape === 'relation' ? prediction : gold;
  const order = (value: Value): [Value, Value] => (gold.shape === 'relation' ? [value, other] : [other, value]);
  const stated = statedValue(relation);
  if (stated !== undefined) {
    const equal = comparison.equal(...order(stated));
    return equal || approximates(relation, order, comparison);
  }
  const interval = asInterval(relation);
  if (interval !== undefined && ['interval', 'tuple', 'union'].includes(other.shape))
    return comparison.equal(...order(interval));
  comparison.method = 'equation';
  return false;
}

/** `1/2 \approx 0.5`: the approximation may be what was asked for. */
function approximates(
  relation: ValueOf<'relation'>,
  order: (value: Value) => [Value, Value],
  comparison: Comparison,
): boolean {
  const last = relation.operands.at(-1);
  const first = relation.operands[0];
  if (!relation.operators.includes('approx') || last === undefined || first === undefined || isName(first))
    return false;
  return comparison.equal(...order(last));
}

function withMatrix(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const entriesOf = (value: Value) => (value.shape === 'matrix' ? vectorEntries(value) : itemsOf(value));
  const [a, b] = [entriesOf(gold), entriesOf(prediction)];
  const equal = a !== undefined && b !== undefined && equalInOrder(a, b, comparison);
  comparison.method = 'matrix';
  return equal;
}

/** Pieces of a union in any order; a pair among them is an open interval. */
function equalUnions(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const pieces = (value: Value) =>
    (value.shape === 'union' ? value.items : [value]).map((item) => openInterval(item) ?? item);
  const equal = equalInAnyOrder(pieces(gold), pieces(prediction), comparison);
  comparison.method = 'interval';
  return equal;
}

function withInterval(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const [a, b] = [openInterval(gold), openInterval(prediction)];
  const equal = a !== undefined && b !== undefined && equalIntervals(a, b, comparison);
  comparison.method = 'interval';
  return equal;
}
