import * as C from '../expression/complex.ts';
import { apply, type Node, renamed, variablesOf } from '../expression/node.ts';
import { evaluate } from '../expression/numeric.ts';
import { equalInAnyOrder } from './collection.ts';
import { statedValue } from './relation.ts';
import type { Comparison, Value, ValueOf } from './value.ts';

type Family = ValueOf<'family'>;

/** The window in which values of two families are compared, in steps of the longest one. */
const WINDOW = 12;
const NEAR = 1e-9;
const LETTER = /^(?:[kmnplj]|k_\{?\d\}?|n_\{?\d\}?)$/;

/** Values whose last list entry declares a letter as an integer; undefined for any other list. */
export function readFamily(text: string, items: readonly Value[]): Family | undefined {
  const condition = items.at(-1);
  if (items.length < 2 || condition?.shape !== 'relation' || condition.operators.join() !== 'in') return undefined;
  const [letter, range] = condition.operands;
  if (letter === undefined || range?.text !== '\\mathbb{Z}' || !LETTER.test(letter.text)) return undefined;
  const values = items.slice(0, -1).flatMap((item) => {
    const stated = item.shape === 'relation' ? (statedValue(item) ?? item) : item;
    return stated.shape === 'list' || stated.shape === 'set' ? stated.items : [stated];
  });
  return { shape: 'family', text, items: values, parameter: letter.text };
}

/** An answer without “k ∈ ℤ”, if the other side declares its letter. */
export function asFamily(value: Value): Family | undefined {
  if (value.shape === 'family') return value;
  const stated = value.shape === 'relation' ? statedValue(value) : value;
  const items = stated?.shape === 'list' ? stated.items : stated === undefined ? [] : [stated];
  const names = new Set(items.flatMap((item) => variablesOfValue(item)));
  const [parameter] = names;
  if (names.size !== 1 || parameter === undefined || !LETTER.test(parameter)) return undefined;
  return { shape: 'family', text: value.text, items, parameter };
}

function variablesOfValue(value: Value): string[] {
  return value.shape === 'expression' && value.node !== undefined ? variablesOf(value.node) : [];
}

/** The same numbers, for any letter and any first index: `\pi/4 + k\pi` is `5\pi/4 - n\pi`. */
export function equalFamilies(gold: Family, prediction: Family, comparison: Comparison): boolean {
  const [a, b] = [progressions(gold), progressions(prediction)];
  let equal = false;
  if (a !== undefined && b !== undefined) equal = sameNumbers(a, b);
  else {
    const rename = (value: Value): Value =>
      value.shape === 'expression' && value.node !== undefined
        ? {
            ...value,
            text: `${value.text}#${gold.parameter}`,
            node: renamed(value.node, prediction.parameter, gold.parameter),
          }
        : value;
    equal = equalInAnyOrder(gold.items, prediction.items.map(rename), comparison);
  }
  comparison.method = 'family';
  comparison.because = () =>
    equal ? 'Both run through the same values.' : 'A value of one family is missing from the other.';
  return equal;
}

interface Progression {
  readonly first: number;
  readonly step: number;
}

function progressions(family: Family): Progression[] | undefined {
  const found: Progression[] = [];
  for (const item of family.items) {
    if (item.shape !== 'expression' || item.node === undefined) return undefined;
    const [zero, one, two] = [0, 1, 2].map((k) => valueAt(item.node, family.parameter, k));
    if (zero === undefined || one === undefined || two === undefined) return undefined;
    const step = one - zero;
    if (Math.abs(two - one - step) > NEAR * Math.max(1, Math.abs(two))) return undefined;
    found.push({ first: zero, step: Math.abs(step) });
  }
  return found;
}

function valueAt(node: Node | undefined, parameter: string, k: number): number | undefined {
  if (node === undefined) return undefined;
  const { value } = evaluate(apply('add', node), { values: new Map([[parameter, k]]), logBase: 'natural' });
  return C.finite(value) && Math.abs(value.im) < NEAR ? value.re : undefined;
}

function sameNumbers(a: readonly Progression[], b: readonly Progression[]): boolean {
  const longest = Math.max(...[...a, ...b].map((progression) => progression.step));
  const shortest = Math.min(...[...a, ...b].map((progression) => progression.step));
  if (!(shortest > 0) || longest / shortest > 50) return false;
  const limit = WINDOW * longest;
  const numbersOf = (list: readonly Progression[]) =>
    list.flatMap(({ first, step }) => {
      const start = Math.ceil((-limit - first) / step - NEAR);
      const count = Math.floor((2 * limit) / step) + 1;
      return Array.from({ length: count }, (_, i) => first + (start + i) * step);
    });
  // Rounding may move the ends of the window, so only its inside must be covered.
  const covers = (has: readonly number[], wants: readonly number[]) => {
    const sorted = has.toSorted((x, y) => x - y);
    return wants
      .filter((x) => Math.abs(x) < limit - longest)
      .every((x) => nearest(sorted, x) <= NEAR * (1 + Math.abs(x)));
  };
  const [x, y] = [numbersOf(a), numbersOf(b)];
  return covers(x, y) && covers(y, x);
}

function nearest(sorted: readonly number[], x: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  const gaps = [low - 1, low, low + 1].map((i) => Math.abs((sorted[i] ?? Number.POSITIVE_INFINITY) - x));
  return Math.min(...gaps);
}
