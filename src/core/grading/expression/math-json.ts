import { FUNCTIONS, type Node } from './node.ts';

/** The input of the compute engine: numbers as decimal text, symbols by name, functions as `[name, …arguments]`. */
export type MathJson = string | { readonly num: string } | readonly [string, ...MathJson[]];

/** Constants, and operations whose MathJSON name is not the built-in one with a capital letter. A bare `\log` has base ten. */
const NAMES: Readonly<Record<string, string>> = {
  pi: 'Pi',
  e: 'ExponentialE',
  i: 'ImaginaryUnit',
  absolute: 'Abs',
  ceiling: 'Ceil',
  maximum: 'Max',
  minimum: 'Min',
  gcd: 'GCD',
  lcm: 'LCM',
  logarithm: 'Log',
  log: 'Log',
  lg: 'Log',
  modulo: 'Mod',
  arcsinh: 'Arsinh',
  arccosh: 'Arcosh',
  arctanh: 'Artanh',
  Re: 'Real',
  Im: 'Imaginary',
};

/**
 * The MathJSON of a parse tree. A letter becomes `v0`, `v1`, … by its index in `names`, so that the engine has no such name. Undefined
 * if the tree has infinity or a function that only the problem defines.
 */
export function mathJson(node: Node, names: readonly string[]): MathJson | undefined {
  if (node.kind === 'number') {
    const [num, den] = [{ num: String(node.value.num) }, { num: String(node.value.den) }];
    return node.value.den === 1n ? num : ['Divide', num, den];
  }
  if (node.kind === 'symbol') {
    const at = names.indexOf(node.name);
    return at < 0 ? NAMES[node.name] : `v${at}`;
  }
  const name = node.kind === 'apply' ? node.op : node.name;
  if (node.kind === 'call' && name !== 'Gamma' && !FUNCTIONS.has(name)) return undefined;
  const args: MathJson[] = [];
  for (const arg of node.args) {
    const json = mathJson(arg, names);
    if (json === undefined) return undefined;
    args.push(json);
  }
  return [NAMES[name] ?? `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, ...args];
}
