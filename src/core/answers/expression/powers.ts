import { addRational, divideRational, multiplyRational, type Rational, sameRational, whole } from '../rational.ts';
import { tryExact } from './exact.ts';
import type { Node } from './node.ts';

/** A positive number as powers of primes, by prime. */
type Powers = ReadonlyMap<bigint, Rational>;

const SMALL = 1_000n;
/** Longer numbers are not taken apart. */
const MAX_BITS = 4_000n;

/** Whether two constants are the same product of powers, such as 2^(10^6) and 4^500000; undefined where one is no such product. */
export function samePowers(gold: Node, prediction: Node): boolean | undefined {
  const a = powersOf(gold);
  const b = a && powersOf(prediction);
  if (a === undefined || b === undefined) return undefined;
  const none = whole(0n);
  return [...new Set([...a.keys(), ...b.keys()])].every((prime) =>
    sameRational(a.get(prime) ?? none, b.get(prime) ?? none),
  );
}

function factored(value: bigint): Powers | undefined {
  if (value < 1n || value >> MAX_BITS > 0n) return undefined;
  const powers = new Map<bigint, Rational>();
  let left = value;
  for (let prime = 2n; prime < SMALL && left > 1n; prime += 1n) {
    let count = 0n;
    for (; left % prime === 0n; count += 1n) left /= prime;
    if (count > 0n) powers.set(prime, whole(count));
  }
  // What no number below SMALL divides is a prime, if it is below the square.
  if (left >= SMALL * SMALL) return undefined;
  if (left > 1n) powers.set(left, whole(1n));
  return powers;
}

function product(a: Powers | undefined, b: Powers | undefined): Powers | undefined {
  if (a === undefined || b === undefined) return undefined;
  const all = new Map(a);
  for (const [prime, exponent] of b) {
    const sum = addRational(all.get(prime) ?? whole(0n), exponent);
    if (sum === undefined) return undefined;
    all.set(prime, sum);
  }
  return all;
}

function raised(a: Powers | undefined, exponent: Rational | undefined): Powers | undefined {
  if (a === undefined || exponent === undefined) return undefined;
  const all = new Map<bigint, Rational>();
  for (const [prime, old] of a) {
    const power = multiplyRational(old, exponent);
    if (power === undefined) return undefined;
    all.set(prime, power);
  }
  return all;
}

function rationalPowers(value: Rational): Powers | undefined {
  return product(factored(value.num), raised(factored(value.den), whole(-1n)));
}

function powersOf(node: Node): Powers | undefined {
  if (node.kind === 'number') return rationalPowers(node.value);
  if (node.kind !== 'apply') return undefined;
  const [first, second] = node.args;
  if (first === undefined) return undefined;
  if (second !== undefined && node.op === 'multiply') return product(powersOf(first), powersOf(second));
  if (second !== undefined && node.op === 'divide')
    return product(powersOf(first), raised(powersOf(second), whole(-1n)));
  if (second !== undefined && node.op === 'power') return raised(powersOf(first), tryExact(second));
  if (second !== undefined && node.op === 'root') {
    const degree = tryExact(second);
    return raised(powersOf(first), degree && divideRational(whole(1n), degree));
  }
  if (node.op === 'gcd' || node.op === 'lcm') return shared(node.args.map(powersOf), node.op === 'gcd');
  const value = tryExact(node);
  return value && rationalPowers(value);
}

/** The smallest or largest exponents of whole numbers. */
function shared(all: (Powers | undefined)[], least: boolean): Powers | undefined {
  const known = all.filter((powers) => powers !== undefined);
  const areWhole = known.every((powers) => [...powers.values()].every(({ num, den }) => den === 1n && num >= 0n));
  if (known.length !== all.length || !areWhole) return undefined;
  const primes = new Set(known.flatMap((powers) => [...powers.keys()]));
  return new Map(
    [...primes].map((prime) => {
      const exponents = known.map((powers) => powers.get(prime)?.num ?? 0n);
      return [prime, whole(exponents.reduce((a, b) => (a < b === least ? a : b)))];
    }),
  );
}
