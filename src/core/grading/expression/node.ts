import { type Rational, sameRational, whole } from '../rational.ts';

export type Operator =
  | 'add'
  | 'multiply'
  | 'divide'
  | 'negate'
  | 'power'
  | 'root'
  | 'factorial'
  | 'binomial'
  | 'absolute'
  | 'floor'
  | 'ceiling'
  | 'maximum'
  | 'minimum'
  | 'gcd'
  | 'lcm'
  /** Remainder of args[0] divided by args[1], between 0 and args[1]. */
  | 'modulo'
  /** Logarithm of args[0] to base args[1]. */
  | 'logarithm'
  /** args[0] degrees, in radians. */
  | 'degrees';

/** A parsed expression. `call` is a named function: one of FUNCTIONS, or one that the problem defined, such as f. */
export type Node =
  | {
      readonly kind: 'number';
      readonly value: Rational /** Written with a decimal point. */;
      readonly decimal: boolean;
    }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'apply'; readonly op: Operator; readonly args: readonly Node[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] };

/** Elementary functions that are evaluated by name. `log` has no fixed base: see numeric.ts. */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['sin', 'cos', 'tan', 'cot', 'sec', 'csc', 'arcsin', 'arccos', 'arctan', 'arccot', 'arcsec', 'arccsc'],
  ...['sinh', 'cosh', 'tanh', 'coth', 'sech', 'csch', 'arcsinh', 'arccosh', 'arctanh'],
  ...['ln', 'log', 'lg', 'exp', 'cis', 'Re', 'Im'],
]);

/** Constants among the symbols. */
export const CONSTANTS: ReadonlySet<string> = new Set(['pi', 'e', 'i', 'infty']);

export function apply(op: Operator, ...args: Node[]): Node {
  return { kind: 'apply', op, args };
}

/** Calls `visit` on the node and everything below it. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  if (node.kind === 'apply' || node.kind === 'call') for (const arg of node.args) walk(arg, visit);
}

/** Whether two expressions have the same parts in the same order. */
export function sameNodes(a: Node, b: Node): boolean {
  if (a.kind === 'number') return b.kind === 'number' && sameRational(a.value, b.value);
  if (a.kind === 'symbol') return b.kind === 'symbol' && a.name === b.name;
  if (b.kind === 'number' || b.kind === 'symbol' || a.kind !== b.kind) return false;
  const [head, otherHead] = [a, b].map((node) => (node.kind === 'apply' ? node.op : node.name));
  if (head !== otherHead || a.args.length !== b.args.length) return false;
  return a.args.every((arg, at) => {
    const other = b.args[at];
    return other !== undefined && sameNodes(arg, other);
  });
}

/** Names of the free symbols, sorted. */
export function variablesOf(...nodes: Node[]): string[] {
  const names = new Set<string>();
  for (const node of nodes) {
    walk(node, (part) => {
      if (part.kind === 'symbol' && !CONSTANTS.has(part.name)) names.add(part.name);
    });
  }
  return [...names].sort();
}

export function some(node: Node, test: (node: Node) => boolean): boolean {
  let found = false;
  walk(node, (part) => {
    found ||= test(part);
  });
  return found;
}

export function isDecimal(node: Node): boolean {
  return some(node, (part) => part.kind === 'number' && part.decimal);
}

/** The expression with a value in place of a symbol. */
export function substituted(node: Node, name: string, value: Node): Node {
  if (node.kind === 'symbol') return node.name === name ? value : node;
  if (node.kind === 'number') return node;
  return { ...node, args: node.args.map((arg) => substituted(arg, name, value)) };
}

/** The same expression with another name for one of its symbols. */
export function renamed(node: Node, from: string, to: string): Node {
  if (node.kind === 'symbol') return node.name === from ? { kind: 'symbol', name: to } : node;
  if (node.kind === 'number') return node;
  return { ...node, args: node.args.map((arg) => renamed(arg, from, to)) };
}

/** Whether the node is a minus before the number one. */
export function isMinusOne(node: Node): boolean {
  const inner = node.kind === 'apply' && node.op === 'negate' ? node.args[0] : undefined;
  return inner?.kind === 'number' && sameRational(inner.value, whole(1n));
}
