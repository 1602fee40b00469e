import { tryExact } from './exact.ts';
import type { Node } from './node.ts';

/** A prime, so that every residue but 0 has an inverse. */
const PRIME = 2n ** 61n - 1n;
const POINTS = 3;

/**
 * Whether two rational functions are the same, by their residues at three seeded points (the lemma of Schwartz and Zippel): exact for exponents of
 * any size, where doubles overflow. Undefined for all other expressions.
 */
export function sameResidues(a: Node, b: Node, names: readonly string[]): boolean | undefined {
  for (let point = 0; point < POINTS; point += 1) {
    const values = new Map([...names, 'pi', 'e'].map((name, i) => [name, spread(BigInt(point * 1009 + i + 1))]));
    const [x, y] = [residue(a, values), residue(b, values)];
    if (x === undefined || y === undefined) return undefined;
    if (x !== y) return false;
  }
  return true;
}

function spread(seed: bigint): bigint {
  return power(seed + 12_345n, 1_000_003n);
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square, rest] = [1n, base % PRIME, exponent];
  while (rest > 0n) {
    if (rest & 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
    rest >>= 1n;
  }
  return result;
}

function inverse(value: bigint): bigint | undefined {
  return value === 0n ? undefined : power(value, PRIME - 2n);
}

function modulo(value: bigint): bigint {
  return ((value % PRIME) + PRIME) % PRIME;
}

function residue(node: Node, values: ReadonlyMap<string, bigint>): bigint | undefined {
  if (node.kind === 'symbol') return values.get(node.name);
  if (node.kind === 'number') {
    const below = inverse(modulo(node.value.den));
    return below === undefined ? undefined : modulo(node.value.num * below);
  }
  if (node.kind === 'call') return undefined;
  if (node.op === 'power') return raised(node.args, values);
  const args: bigint[] = [];
  for (const arg of node.args) {
    const value = residue(arg, values);
    if (value === undefined) return undefined;
    args.push(value);
  }
  const [a = 0n, b = 0n] = args;
  if (node.op === 'add') return modulo(args.reduce((sum, value) => sum + value, 0n));
  if (node.op === 'negate') return modulo(-a);
  if (node.op === 'multiply') return modulo(a * b);
  const below = node.op === 'divide' ? inverse(b) : undefined;
  return below === undefined ? undefined : modulo(a * below);
}

/** Whole exponents of any size; they repeat with the order of the group. */
function raised([base, exponent]: readonly Node[], values: ReadonlyMap<string, bigint>): bigint | undefined {
  const value = base && residue(base, values);
  const times = exponent && tryExact(exponent);
  if (value === undefined || value === 0n || times === undefined || times.den !== 1n) return undefined;
  const order = PRIME - 1n;
  return power(value, ((times.num % order) + order) % order);
}
