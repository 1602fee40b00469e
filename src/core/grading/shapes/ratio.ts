import { splitTop } from '../brackets.ts';
import { apply } from '../expression/node.ts';
import type { Comparison, Value, ValueOf } from './value.ts';

type Ratio = ValueOf<'ratio'>;

/** Reads `3:4:5`, three terms or more. */
export function readRatio(text: string, read: (part: string) => Value): Ratio | undefined {
  if (!text.includes(':')) return undefined;
  const terms = splitTop(text, ':');
  if (terms.length < 3 || terms.length > 8) return undefined;
  const values = terms.map(read);
  return values.every((value) => value.shape === 'expression') ? { shape: 'ratio', text, terms: values } : undefined;
}

/** The same proportion: `3:4:5` is `6:8:10`. */
export function equalRatios(gold: Ratio, prediction: Ratio, comparison: Comparison): boolean {
  const [a, b] = [gold.terms, prediction.terms];
  const equal = a.length === b.length && a.slice(1).every((_, i) => proportional(a, b, i, comparison));
  comparison.method = 'ratio';
  comparison.because = () => (equal ? 'The terms are in the same proportion.' : 'The terms are in another proportion.');
  return equal;
}

/** a[i] · b[i+1] = a[i+1] · b[i]. */
function proportional(a: readonly Value[], b: readonly Value[], i: number, comparison: Comparison): boolean {
  const [left, right] = [times(a[i], b[i + 1]), times(a[i + 1], b[i])];
  return left !== undefined && right !== undefined && comparison.equal(left, right);
}

function times(a: Value | undefined, b: Value | undefined): Value | undefined {
  if (a?.shape !== 'expression' || b?.shape !== 'expression') return undefined;
  if (a.node === undefined || b.node === undefined) return undefined;
  return { shape: 'expression', text: `(${a.text})(${b.text})`, node: apply('multiply', a.node, b.node) };
}
