import {
  addBalls,
  type Ball,
  ball,
  divideBalls,
  isPositive,
  NoBallError,
  negateBall,
  shifted,
  sizeOf,
  width,
} from './ball.ts';

// Elementary functions in fixed point: a whole number v stands for v·2^-scale. GUARD digits more than asked for take up the rounding of some
// thousand steps, and SLACK is what a result may be off by.
const GUARD = 64;
const SLACK = 1n << 40n;
/** Larger arguments would leave nothing of a sine, and no exponential in range. */
const MAX_ARGUMENT = 40;

interface Fixed {
  readonly value: bigint;
  readonly error: bigint;
}

function fixed(a: Ball, scale: number): Fixed {
  if (sizeOf(a) > MAX_ARGUMENT) throw new NoBallError('The argument is too large.');
  return { value: shifted(a.mid, a.exp + scale), error: shifted(a.rad, a.exp + scale) + 2n };
}

const kept = new Map<string, bigint>();

function constant(name: string, scale: number, make: () => bigint): bigint {
  const key = `${name}${scale}`;
  const value = kept.get(key) ?? make();
  kept.set(key, value);
  return value;
}

/** 1/n + 1/(3n³) + …, with changing signs for the arc tangent. */
function inverseSeries(n: bigint, scale: number, sign: 1n | -1n): bigint {
  let power = (1n << BigInt(scale)) / n;
  let total = power;
  let factor = 1n;
  for (let k = 3n; power !== 0n; k += 2n) {
    power /= n * n;
    factor *= sign;
    total += (factor * power) / k;
  }
  return total;
}

/** ln 2 = 2 artanh(1/3). */
function lnTwo(scale: number): bigint {
  return constant('ln2:', scale, () => 2n * inverseSeries(3n, scale, 1n));
}

/** Machin: π = 16 arctan(1/5) − 4 arctan(1/239). */
function pi(scale: number): bigint {
  return constant('pi:', scale, () => 16n * inverseSeries(5n, scale, -1n) - 4n * inverseSeries(239n, scale, -1n));
}

/** π to about `bits` digits. */
export function piBall(bits: number): Ball {
  return ball(pi(bits + GUARD), SLACK, -bits - GUARD, bits);
}

/** e^value for a value in fixed point, as fixed point times 2^k. */
function exponential(value: bigint, scale: number): { value: bigint; power: bigint } {
  const two = lnTwo(scale);
  const power = value / two - (value < 0n ? 1n : 0n);
  const halvings = 12n;
  const rest = (value - power * two) >> halvings;
  const one = 1n << BigInt(scale);
  let term = one;
  let total = one;
  for (let k = 1n; term !== 0n; k += 1n) {
    term = ((term * rest) >> BigInt(scale)) / k;
    total += term;
  }
  for (let i = 0n; i < halvings; i += 1n) total = (total * total) >> BigInt(scale);
  return { value: total, power };
}

export function expOfBall(a: Ball, bits: number): Ball {
  const scale = bits + GUARD;
  const x = fixed(a, scale);
  if (x.error >> BigInt(scale) !== 0n) throw new NoBallError('The exponent is not known well enough.');
  const { value, power } = exponential(x.value, scale);
  // ln 2 comes in as often as the power says; e^δ − 1 is below 2δ.
  const error = 4n * (x.error + (power < 0n ? -power : power) * 1024n) + SLACK;
  return ball(value, error, Number(power) - scale, bits);
}

/** Natural logarithm of a positive number, by Newton's and Halley's iteration. */
export function lnOfBall(a: Ball, bits: number): Ball {
  if (!isPositive(a)) throw new NoBallError('The logarithm needs a positive number.');
  const digits = width(a.mid);
  const scale = bits + GUARD;
  const x = shifted(a.mid, scale - digits);
  let y = shifted(BigInt(Math.round(Math.log(Number(x >> BigInt(scale - 60)) / 2 ** 60) * 2 ** 50)), scale - 50);
  for (let known = 40; known < 2 * scale; known *= 3) {
    const at = exponential(y, scale);
    const e = shifted(at.value, Number(at.power));
    y += (((x - e) << BigInt(scale + 1)) / (x + e)) | 0n;
  }
  const total = y + BigInt(a.exp + digits) * lnTwo(scale);
  const relative = (a.rad << BigInt(scale)) / (a.mid - a.rad);
  return ball(total, relative + SLACK + BigInt(Math.abs(a.exp + digits)) * 1024n, -scale, bits);
}

function sineAndCosine(value: bigint, scale: number): { sin: bigint; cos: bigint } {
  const quarter = pi(scale) >> 1n;
  const turns = (2n * value + quarter) / (2n * quarter) - (2n * value + quarter < 0n ? 1n : 0n);
  const rest = value - turns * quarter;
  const one = 1n << BigInt(scale);
  const sums = [0n, 0n];
  let term = one;
  for (let k = 0n; term !== 0n; k += 1n) {
    const at = Number(k % 2n);
    sums[at] = (sums[at] ?? 0n) + (k % 4n < 2n ? term : -term);
    term = ((term * rest) >> BigInt(scale)) / (k + 1n);
    // A negative term shifted down never reaches zero.
    if (term === -1n) term = 0n;
  }
  const [c = 0n, s = 0n] = sums;
  switch (((turns % 4n) + 4n) % 4n) {
    case 0n:
      return { sin: s, cos: c };
    case 1n:
      return { sin: c, cos: -s };
    case 2n:
      return { sin: -s, cos: -c };
    default:
      return { sin: -c, cos: s };
  }
}

/** Sine and cosine. */
export function sinCosOfBall(a: Ball, bits: number): { sin: Ball; cos: Ball } {
  // π counts as often as there are turns.
  const scale = bits + GUARD + MAX_ARGUMENT;
  const x = fixed(a, scale);
  const { sin, cos } = sineAndCosine(x.value, scale);
  const error = x.error + (SLACK << BigInt(MAX_ARGUMENT));
  return { sin: ball(sin, error, -scale, bits), cos: ball(cos, error, -scale, bits) };
}

/** Arc tangent, between −π/2 and π/2: arctan x = y + arctan((x cos y − sin y)/(cos y + x sin y)) for y near it. */
export function arctanOfBall(a: Ball, bits: number): Ball {
  if (sizeOf(a) > 4) {
    const quarter = piBall(bits);
    const half: Ball = { ...quarter, exp: quarter.exp - 1 };
    const rest = arctanOfBall(divideBalls({ mid: 1n, rad: 0n, exp: 0 }, a, bits), bits);
    return addBalls(a.mid < 0n ? negateBall(half) : half, negateBall(rest), bits);
  }
  const scale = bits + GUARD;
  const x = fixed(a, scale);
  let y = shifted(BigInt(Math.round(Math.atan(Number(x.value >> BigInt(scale - 60)) / 2 ** 60) * 2 ** 50)), scale - 50);
  for (let known = 40; known < 2 * scale; known *= 3) {
    const { sin, cos } = sineAndCosine(y, scale);
    y += (x.value * cos - (sin << BigInt(scale))) / (cos + ((x.value * sin) >> BigInt(scale)));
  }
  return ball(y, x.error + SLACK, -scale, bits);
}
