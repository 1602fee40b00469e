/** An exact fraction, in lowest terms unless it is very long; `den` is positive. */
export interface Rational {
  readonly num: bigint;
  readonly den: bigint;
}

/** A value whose exact form has more digits than the grader computes with. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** Bits of a numerator or denominator; 2024^4046 has 44,430. Longer values use floating point. */
const MAX_BITS = 200_000;
const MAX_FACTORIAL = 3_000n;

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function bits(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4;
}

/** Euclid's algorithm takes one step per bit: fractions with more bits in both parts are not reduced. */
const MAX_REDUCED_BITS = 8_000;

/** The fraction num/den in lowest terms, unless both are very long; undefined for a zero denominator. */
export function ratio(num: bigint, den: bigint): Rational | undefined {
  if (den === 0n) return undefined;
  if (den !== 1n && den !== -1n && bits(den) > MAX_REDUCED_BITS && bits(num) > MAX_REDUCED_BITS) {
    if (num % den === 0n) return whole(num / den);
    return den < 0n ? { num: -num, den: -den } : { num, den };
  }
  const common = gcd(num, den) * (den < 0n ? -1n : 1n);
  return { num: num / common, den: den / common };
}

export function whole(value: bigint): Rational {
  return { num: value, den: 1n };
}

function guarded(num: bigint, den: bigint): Rational | undefined {
  if (bits(num) > MAX_BITS || bits(den) > MAX_BITS) throw new TooLargeError('The exact value has too many digits.');
  return ratio(num, den);
}

export function sameRational(a: Rational, b: Rational): boolean {
  if (a.den === b.den) return a.num === b.num;
  // Very long fractions are not in lowest terms; all others are equal only if they are written alike.
  return bits(a.den) > MAX_REDUCED_BITS && bits(b.den) > MAX_REDUCED_BITS && a.num * b.den === b.num * a.den;
}

/** Throws TooLargeError like all arithmetic here. */
export function addRational(a: Rational, b: Rational): Rational | undefined {
  return guarded(a.num * b.den + b.num * a.den, a.den * b.den);
}

export function multiplyRational(a: Rational, b: Rational): Rational | undefined {
  return guarded(a.num * b.num, a.den * b.den);
}

export function divideRational(a: Rational, b: Rational): Rational | undefined {
  return guarded(a.num * b.den, a.den * b.num);
}

export function negateRational(a: Rational): Rational {
  return { num: -a.num, den: a.den };
}

export function isZero(a: Rational): boolean {
  return a.num === 0n;
}

/** Largest r with r^n <= value, by Newton's iteration from above. */
function integerRoot(value: bigint, n: number): bigint {
  if (value < 2n) return value;
  const degree = BigInt(n);
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / n));
  for (;;) {
    const next = ((degree - 1n) * root + value / root ** (degree - 1n)) / degree;
    if (next >= root) return root;
    root = next;
  }
}

function exactRoot(value: bigint, n: number): bigint | undefined {
  const root = integerRoot(value, n);
  return root ** BigInt(n) === value ? root : undefined;
}

/** `base^exponent` if it is rational: whole exponents, and roots with a rational result (real root of a non-negative base). */
export function powerRational(base: Rational, exponent: Rational): Rational | undefined {
  if (exponent.den !== 1n) {
    if (exponent.den > 64n || base.num < 0n) return undefined;
    const degree = Number(exponent.den);
    const num = exactRoot(base.num, degree);
    const den = exactRoot(base.den, degree);
    if (num === undefined || den === undefined) return undefined;
    return powerRational({ num, den }, whole(exponent.num));
  }
  const size = exponent.num < 0n ? -exponent.num : exponent.num;
  const trivial = base.den === 1n && base.num >= -1n && base.num <= 1n;
  const width = Math.max(bits(base.num), bits(base.den));
  if (!trivial && (size > BigInt(MAX_BITS) || width * Number(size) > MAX_BITS * 4)) {
    throw new TooLargeError('The power has too many digits.');
  }
  const reduced = trivial ? size % 2n || (size === 0n ? 0n : 2n) : size;
  const num = base.num ** reduced;
  const den = base.den ** reduced;
  return exponent.num < 0n ? guarded(den, num) : guarded(num, den);
}

/** Greatest common divisor of two whole numbers; undefined for other values. */
export function gcdRational(a: Rational, b: Rational): Rational | undefined {
  if (a.den !== 1n || b.den !== 1n) return undefined;
  if (bits(a.num) > MAX_REDUCED_BITS || bits(b.num) > MAX_REDUCED_BITS)
    throw new TooLargeError('The numbers have too many digits.');
  return whole(gcd(a.num, b.num));
}

export function factorialRational(a: Rational): Rational | undefined {
  if (a.den !== 1n || a.num < 0n) return undefined;
  if (a.num > MAX_FACTORIAL) throw new TooLargeError('The factorial has too many digits.');
  let product = 1n;
  for (let i = 2n; i <= a.num; i += 1n) product *= i;
  return whole(product);
}

export function binomialRational(top: Rational, bottom: Rational): Rational | undefined {
  if (top.den !== 1n || bottom.den !== 1n || top.num < 0n) return undefined;
  if (bottom.num < 0n || bottom.num > top.num) return whole(0n);
  const k = bottom.num * 2n > top.num ? top.num - bottom.num : bottom.num;
  if (k > MAX_FACTORIAL || top.num > 1_000_000n) throw new TooLargeError('The binomial has too many digits.');
  let product = 1n;
  for (let i = 1n; i <= k; i += 1n) product = (product * (top.num - k + i)) / i;
  return whole(product);
}

/** Nearest double; also for numerators and denominators beyond the range of doubles. */
export function toNumber(a: Rational): number {
  const excess = Math.max(bits(a.num), bits(a.den)) - 1000;
  if (excess <= 0) return Number(a.num) / Number(a.den);
  const [n, d] = [bits(a.num), bits(a.den)];
  const shiftNum = BigInt(Math.max(0, n - 128));
  const shiftDen = BigInt(Math.max(0, d - 128));
  const quotient = Number(a.num >> shiftNum) / Number(a.den >> shiftDen);
  return quotient * 2 ** Number(shiftNum - shiftDen);
}

/**
 * Reads a decimal literal: `12`, `.5`, `3.`, `1.5e-3`. At most 4,000 digits, exponent within ±5,000.
 * Signs and thousands separators are not part of it.
 */
export function parseDecimal(text: string): Rational | undefined {
  const match = /^(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?$/.exec(text);
  if (match === null || text.length > 4_000) return undefined;
  const before = match[1] ?? '';
  const after = match[2] ?? '';
  if (before === '' && after === '') return undefined;
  const exponent = Number(match[3] ?? 0) - after.length;
  if (Math.abs(exponent) > 5_000) return undefined;
  const digits = BigInt(before + after);
  return exponent < 0 ? ratio(digits, 10n ** BigInt(-exponent)) : whole(digits * 10n ** BigInt(exponent));
}

/** `0.1(36)` repeating: `after` are the digits that occur once, `period` those that repeat. */
export function repeatingDecimal(before: string, after: string, period: string): Rational | undefined {
  if (period === '' || (before + after + period).length > 200) return undefined;
  const once = BigInt(before + after === '' ? '0' : before + after);
  const all = BigInt(before + after + period);
  return ratio(all - once, (10n ** BigInt(period.length) - 1n) * 10n ** BigInt(after.length));
}

/** `3`, or `\frac{1}{2}`. */
export function fractionText({ num, den }: Rational): string {
  return den === 1n ? String(num) : `\\frac{${num}}{${den}}`;
}
