import type { Node } from '../expression/node.ts';
import type { Value } from './value.ts';

/** A left side that only names what follows: `x`, `f(x)`, `AB`, `(p, q)`, `S_1 : S_2`; a sum or a number is a side of an equation. */
export function isName(value: Value): boolean {
  if (value.text === '') return true;
  if (value.shape === 'text') return true;
  if (value.shape === 'tuple' || value.shape === 'list') return value.items.every(isName);
  if (value.shape === 'ratio') return value.terms.every(isName);
  if (value.shape !== 'expression' || value.node === undefined) return false;
  return names(value.node);
}

function names(node: Node): boolean {
  if (node.kind === 'symbol') return node.name !== 'pi' && node.name !== 'infty';
  if (node.kind === 'call') return true;
  if (node.kind === 'number') return false;
  if (node.op === 'absolute') return isShifted(node.args[0]);
  return ['multiply', 'divide'].includes(node.op) && node.args.every(names);
}

/** `|x - 3|` bounds x as `|x|` does. */
function isShifted(node: Node | undefined): boolean {
  if (node?.kind === 'apply' && node.op === 'add') return node.args.some((arg) => names(arg));
  return node !== undefined && names(node);
}
