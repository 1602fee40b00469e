import type { Comparison, Value } from './value.ts';

/** More entries than this are not compared one by one: the matching costs their square. */
const MAX_ITEMS = 100;

export function equalInOrder(gold: readonly Value[], prediction: readonly Value[], comparison: Comparison): boolean {
  if (gold.length !== prediction.length) return otherCount(gold, prediction, comparison);
  const at = gold.findIndex((item, i) => {
    const other = prediction[i];
    return other === undefined || !comparison.equal(item, other);
  });
  comparison.because = () =>
    at < 0
      ? `All ${gold.length} entries are equal, in this order.`
      : `Entry ${at + 1} differs: ${prediction[at]?.text} is not ${gold[at]?.text}.`;
  return at < 0;
}

function otherCount(gold: readonly Value[], prediction: readonly Value[], comparison: Comparison): false {
  comparison.because = () => `The gold has ${counted(gold.length)}, the answer ${counted(prediction.length)}.`;
  return false;
}

/** `1 entry`, `2 entries`. */
export function counted(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

/** Every entry of one side has an entry of its own on the other, in any order. */
export function equalInAnyOrder(gold: readonly Value[], prediction: readonly Value[], comparison: Comparison): boolean {
  if (gold.length !== prediction.length) return otherCount(gold, prediction, comparison);
  if (gold.length > MAX_ITEMS) {
    comparison.because = () => `More than ${MAX_ITEMS} entries are not compared one by one.`;
    return false;
  }
  const left = [...prediction];
  const missing = gold.find((item) => {
    const at = left.findIndex((other) => comparison.equal(item, other));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  comparison.because = () =>
    missing === undefined
      ? gold.length === 0
        ? 'Both are empty.'
        : `The same ${counted(gold.length)}, in any order.`
      : `The answer has no entry that equals ${missing.text}.`;
  return missing === undefined;
}

/** The entries without repetitions, for sets. */
export function distinct(items: readonly Value[], comparison: Comparison): Value[] {
  if (items.length > MAX_ITEMS) return [...items];
  const kept: Value[] = [];
  for (const item of items) if (!kept.some((other) => comparison.equal(other, item))) kept.push(item);
  return kept;
}
