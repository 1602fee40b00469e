import type { Comparison, Value } from './value.ts';

/** More entries than this are not compared one by one: the matching costs their square. */
const MAX_ITEMS = 100;

export function equalInOrder(gold: readonly Value[], prediction: readonly Value[], comparison: Comparison): boolean {
  if (gold.length !== prediction.length) return false;
  return gold.every((item, i) => {
    const other = prediction[i];
    return other !== undefined && comparison.equal(item, other);
  });
}

/** Every entry of one side has an entry of its own on the other, in any order. */
export function equalInAnyOrder(gold: readonly Value[], prediction: readonly Value[], comparison: Comparison): boolean {
  if (gold.length !== prediction.length || gold.length > MAX_ITEMS) return false;
  const left = [...prediction];
  return gold.every((item) => {
    const at = left.findIndex((other) => comparison.equal(item, other));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** The entries without repetitions, for sets. */
export function distinct(items: readonly Value[], comparison: Comparison): Value[] {
  if (items.length > MAX_ITEMS) return [...items];
  const kept: Value[] = [];
  for (const item of items) if (!kept.some((other) => comparison.equal(other, item))) kept.push(item);
  return kept;
}
