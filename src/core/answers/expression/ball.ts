import { integerRoot, type Rational } from '../rational.ts';

/** All real numbers between `(mid - rad)·2^exp` and `(mid + rad)·2^exp`: a value with a proven bound of its error. */
export interface Ball {
  readonly mid: bigint;
  readonly rad: bigint;
  readonly exp: number;
}

/** There is no real value, or none that can be worked out within the bounds here. */
export class NoBallError extends Error {
  override readonly name = 'NoBallError';
}

/** Beyond 2^(±this) nothing is worked out. */
const MAX_EXPONENT = 2 ** 45;

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Binary digits of a number, rounded up to a multiple of four. */
export function width(value: bigint): number {
  return abs(value).toString(16).length * 4;
}

/** value·2^by, rounded down. */
export function shifted(value: bigint, by: number): bigint {
  return by >= 0 ? value << BigInt(by) : value >> BigInt(-by);
}

/** The ball with about `bits` digits of its middle. Throws NoBallError beyond the range of exponents. */
export function ball(mid: bigint, rad: bigint, exp: number, bits: number): Ball {
  const excess = width(mid === 0n ? rad : mid) - bits;
  if (Math.abs(exp) > MAX_EXPONENT) throw new NoBallError('The exponent is too large.');
  if (excess <= 8) return { mid, rad, exp };
  const exact = rad === 0n && shifted(shifted(mid, -excess), excess) === mid;
  return { mid: shifted(mid, -excess), rad: exact ? 0n : shifted(rad, -excess) + 2n, exp: exp + excess };
}

export function wholeBall(value: bigint): Ball {
  return { mid: value, rad: 0n, exp: 0 };
}

export function rationalBall(value: Rational, bits: number): Ball {
  const top = ball(value.num, 0n, 0, bits);
  return value.den === 1n ? top : divideBalls(top, ball(value.den, 0n, 0, bits), bits);
}

export function containsZero(a: Ball): boolean {
  return abs(a.mid) <= a.rad;
}

export function isPositive(a: Ball): boolean {
  return a.mid > a.rad;
}

export function negateBall(a: Ball): Ball {
  return { ...a, mid: -a.mid };
}

/** Binary logarithm of the largest size of a value in the ball, rounded up by less than four. */
export function sizeOf(a: Ball): number {
  return a.mid === 0n && a.rad === 0n ? Number.NEGATIVE_INFINITY : width(abs(a.mid) + a.rad) + a.exp;
}

/** Binary logarithm of the radius, rounded up. */
export function radiusOf(a: Ball): number {
  return a.rad === 0n ? Number.NEGATIVE_INFINITY : width(a.rad) + a.exp;
}

function aligned(a: Ball, exp: number): Ball {
  const by = a.exp - exp;
  if (by >= 0) return { mid: a.mid << BigInt(by), rad: a.rad << BigInt(by), exp };
  return { mid: shifted(a.mid, by), rad: shifted(a.rad, by) + 2n, exp };
}

export function addBalls(a: Ball, b: Ball, bits: number): Ball {
  const top = Math.max(sizeOf(a), sizeOf(b));
  if (top === Number.NEGATIVE_INFINITY) return a;
  const exp = Math.max(Math.min(a.exp, b.exp), top - 2 * bits);
  const [x, y] = [aligned(a, exp), aligned(b, exp)];
  return ball(x.mid + y.mid, x.rad + y.rad, exp, bits);
}

export function multiplyBalls(a: Ball, b: Ball, bits: number): Ball {
  const rad = abs(a.mid) * b.rad + abs(b.mid) * a.rad + a.rad * b.rad;
  return ball(a.mid * b.mid, rad, a.exp + b.exp, bits);
}

/** Throws NoBallError where the divisor may be zero. */
export function divideBalls(a: Ball, b: Ball, bits: number): Ball {
  if (containsZero(b)) throw new NoBallError('The divisor may be zero.');
  const by = Math.max(0, bits + width(b.mid) - width(a.mid) + 8);
  const size = abs(b.mid);
  const top = a.mid << BigInt(by);
  const error = (abs(a.mid) * b.rad + size * a.rad) << BigInt(by);
  const exact = error === 0n && top % b.mid === 0n;
  const rad = exact ? 0n : error / (size * (size - b.rad)) + 2n;
  return ball(top / b.mid, rad, a.exp - b.exp - by, bits);
}

/** `a^n` by repeated squaring; n may be negative. */
export function powerOfBall(a: Ball, n: bigint, bits: number): Ball {
  let result = wholeBall(1n);
  let square = a;
  for (let left = abs(n); left > 0n; left >>= 1n) {
    if (left & 1n) result = multiplyBalls(result, square, bits);
    if (left > 1n) square = multiplyBalls(square, square, bits);
  }
  return n < 0n ? divideBalls(wholeBall(1n), result, bits) : result;
}

/** The root of a positive number, or of zero. By concavity the error is at most that at the lower end. */
export function rootOfBall(a: Ball, degree: number, bits: number): Ball {
  if (a.mid === 0n && a.rad === 0n) return a;
  if (!isPositive(a)) throw new NoBallError('The radicand may be negative.');
  let by = Math.max(0, degree * bits - width(a.mid));
  by += (((a.exp - by) % degree) + degree) % degree;
  const mid = a.mid << BigInt(by);
  const root = integerRoot(mid, degree);
  const exact = a.rad === 0n && root ** BigInt(degree) === mid;
  const rad = exact ? 0n : ((root + 1n) * a.rad) / (BigInt(degree) * (a.mid - a.rad)) + 2n;
  return ball(root, rad, (a.exp - by) / degree, bits);
}

/** The whole number below every value of the ball. Throws NoBallError where there are two. */
export function floorOfBall(a: Ball): Ball {
  const [low, high] = [shifted(a.mid - a.rad, a.exp), shifted(a.mid + a.rad, a.exp)];
  if (low !== high) throw new NoBallError('The value may lie on either side of a whole number.');
  return wholeBall(low);
}
