import { plural } from '../../text/format.ts';
import { tryExact } from '../expression/exact.ts';
import { isDecimal } from '../expression/node.ts';
import type { Comparison, Value } from './value.ts';

/** Above this number, entries are not compared pairwise: the cost of matching is quadratic. */
const MAX_ITEMS = 100;

export function equalInOrder(gold: readonly Value[], prediction: readonly Value[], comparison: Comparison): boolean {
  if (gold.length !== prediction.length) return otherCount(gold, prediction, comparison);
  const before = comparison.undecided;
  let open = -1;
  for (const [i, item] of gold.entries()) {
    const other = prediction[i];
    comparison.undecided = false;
    if (other !== undefined && comparison.equal(item, other)) continue;
    if (!comparison.undecided) {
      comparison.undecided = before;
      comparison.because = () => `Entry ${i + 1} differs: ${other?.text} is not ${item.text}.`;
      return false;
    }
    if (open < 0) open = i;
  }
  comparison.undecided = before || open >= 0;
  comparison.because = () =>
    open < 0 ? `Equal in this order: ${counted(gold.length)}.` : `Could not decide whether entry ${open + 1} is equal.`;
  return open < 0;
}

function otherCount(gold: readonly Value[], prediction: readonly Value[], comparison: Comparison): false {
  comparison.because = () => `The gold has ${counted(gold.length)}, the answer ${counted(prediction.length)}.`;
  return false;
}

/** `1 entry`, `2 entries`. */
export function counted(count: number): string {
  return plural(count, 'entry', 'entries');
}

/** Entries of a collection: a set among them is not a number, so that `\{\{1\}, \{2\}\}` is not `\{1, 2\}`. */
function sameEntry(gold: Value, prediction: Value, comparison: Comparison): boolean {
  return (gold.shape === 'set') === (prediction.shape === 'set') && comparison.equal(gold, prediction);
}

/** Matches every entry of one side with a different entry of the other, in any order. */
export function equalInAnyOrder(gold: readonly Value[], prediction: readonly Value[], comparison: Comparison): boolean {
  if (gold.length !== prediction.length) return otherCount(gold, prediction, comparison);
  if (gold.length > MAX_ITEMS) return equalMany(gold, prediction, comparison);
  const before = comparison.undecided;
  const left = [...prediction];
  let open: Value | undefined;
  for (const item of gold) {
    comparison.undecided = false;
    const at = left.findIndex((other) => sameEntry(item, other, comparison));
    if (at >= 0) left.splice(at, 1);
    else if (comparison.undecided) open ??= item;
    else {
      comparison.undecided = before;
      comparison.because = () => `The answer has no entry that equals ${item.text}.`;
      return false;
    }
  }
  comparison.undecided = before || open !== undefined;
  comparison.because = () => {
    if (open !== undefined) return `Could not decide whether the answer has ${open.text}.`;
    return gold.length === 0 ? 'Both are empty.' : `The same ${counted(gold.length)}, in any order.`;
  };
  return open === undefined;
}

/** The exact value of an entry, as text. */
function keyOf(item: Value): string | undefined {
  const exact = item.shape === 'expression' && item.node !== undefined ? tryExact(item.node) : undefined;
  return exact && `${exact.num}/${exact.den}`;
}

/** Long lists: as numbers in order of size, else entry by entry in their given order. */
function equalMany(gold: readonly Value[], prediction: readonly Value[], comparison: Comparison): boolean {
  const [a, b] = [gold, prediction].map((items) => items.map(keyOf));
  const plain = a !== undefined && b !== undefined && ![...a, ...b].includes(undefined);
  if (plain && a.toSorted().join() === b.toSorted().join()) {
    comparison.because = () => `The same ${counted(gold.length)}, in any order.`;
    return true;
  }
  if (equalInOrder(gold, prediction, comparison)) return true;
  const decimal = [...gold, ...prediction].some(
    (item) => item.shape === 'expression' && item.node && isDecimal(item.node),
  );
  if (plain && !decimal) {
    const missing = gold[a.findIndex((key) => !b.includes(key))];
    comparison.because = () => `The answer has no entry that equals ${missing?.text ?? 'one of the gold'}.`;
    return false;
  }
  comparison.undecided = true;
  comparison.because = () =>
    `Collections of more than ${plural(MAX_ITEMS, 'entry', 'entries')} are compared entry by entry only if these are plain numbers.`;
  return false;
}

/** The entries without repetitions, for sets. */
export function distinct(items: readonly Value[], comparison: Comparison): Value[] {
  if (items.length > MAX_ITEMS) {
    const seen = new Set<string>();
    return items.filter((item) => {
      const key = keyOf(item) ?? item.text;
      return !seen.has(key) && seen.add(key);
    });
  }
  const kept: Value[] = [];
  for (const item of items) if (!kept.some((other) => sameEntry(other, item, comparison))) kept.push(item);
  return kept;
}
