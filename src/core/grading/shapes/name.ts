import { FUNCTIONS, type Node } from '../expression/node.ts';
import type { Value } from './value.ts';

/** A left side that only names the value after it: `x`, `f(x)`, `AB`, `(p, q)`, `S_1 : S_2`; a sum or a number is a side of an equation. */
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
  if (node.kind === 'call') return !FUNCTIONS.has(node.name) || isRatioOfAngle(node);
  if (node.kind === 'number') return false;
  if (node.op === 'absolute') return isMeasured(node.args[0]);
  return ['multiply', 'divide'].includes(node.op) && node.args.every(names);
}

/** `\tan A` can be a requested value; `\ln x = 5` and `\sin x = 1` are equations for x. */
function isRatioOfAngle(node: Node & { kind: 'call' }): boolean {
  const [angle] = node.args;
  return /^(?:sin|cos|tan|cot|sec|csc)$/.test(node.name) && !(angle?.kind === 'symbol' && /^[x-z]$/.test(angle.name));
}

/** `|AB|`, `|S|`, `|\vec{a}|` name a size; `|x| = 2` and `|z - 3| = 2` are conditions. */
function isMeasured(node: Node | undefined): boolean {
  if (node?.kind === 'apply' && node.op === 'multiply') return node.args.every(isMeasured);
  return node?.kind === 'symbol' && /^[A-Z]| /.test(node.name);
}
