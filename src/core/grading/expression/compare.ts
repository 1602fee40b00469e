import { randomSource } from '../../maths/random.ts';
import { plural } from '../../text/format.ts';
import { isZero, type Rational, sameRational, toNumber } from '../rational.ts';
import * as C from './complex.ts';
import { exactPoint, tryExact } from './exact.ts';
import { isDecimal, type Node, some, variablesOf } from './node.ts';
import { type Evaluated, evaluate, type Point } from './numeric.ts';
import { sameResidues } from './residue.ts';

/** `close`: equal to 1e-9, but not to the precision of doubles, so that more digits must decide. */
export type Likeness = 'equal' | 'different' | 'close' | 'undecided';

/** A result with its reason; the sentence is made only on request. */
export interface Finding {
  readonly likeness: Likeness;
  readonly because: () => string;
}

const NOTHING_FOUND = () => 'No point was found where both have a value.';

/** A fraction for the user: `3/4`; of long ones, only the number of digits. */
function shown(value: Rational): string {
  const text = value.den === 1n ? String(value.num) : `${value.num}/${value.den}`;
  return text.length <= 60 ? text : `a number of ${plural(text.length, 'digit')}`;
}

/** A value to six digits. */
function rough(value: C.Complex): string {
  const part = (x: number) => String(Number(x.toPrecision(6)));
  if (!isComplex(value)) return part(value.re);
  return `${part(value.re)} ${value.im < 0 ? '-' : '+'} ${part(Math.abs(value.im))}i`;
}

/** Agreement of exact expressions; between this and ROUNDING, more digits decide. */
const CLOSE = 1e-9;
const ROUNDING = 5e-14;
/** A gold whole number is not a measured value: 1000001 is not 1000000. This only allows binary floating-point noise. */
const WHOLE_TOLERANCE = 1e-10;
/** The possible rounding error for a value of a given scale, and the largest scale at which it still distinguishes answers. */
const LOST = 1e-12;
const MAX_SCALE = 1e8;
/** If rounding exceeds the value by this much, doubles decide nothing. */
const CANCELLED = 1e4;
/** Points at which equal functions are checked again, with fractions. */
const EXACT_POINTS = 2;
const SAMPLES = 12;
const NEEDED = 4;

/** Decimal places of a literal's value, when it is a finite decimal. */
function places(value: Rational): number | undefined {
  let scaled = value.den;
  let count = 0;
  while (scaled !== 1n && count < 30) {
    if (scaled % 10n === 0n) scaled /= 10n;
    else if (scaled % 5n === 0n) scaled /= 5n;
    else if (scaled % 2n === 0n) scaled /= 2n;
    else return undefined;
    count += 1;
  }
  return count;
}

function rounded(value: Rational, digits: number): bigint {
  const scaled = value.num * 10n ** BigInt(digits) * 2n;
  const sign = scaled < 0n ? -1n : 1n;
  return sign * ((sign * scaled + value.den) / (2n * value.den));
}

function within(a: number, b: number, tolerance: number): boolean {
  return Number.isFinite(a) && Math.abs(a - b) <= tolerance * Math.abs(a) * (1 + 1e-9);
}

/**
 * Two numbers of which one was written as a decimal. Two written decimals must also agree when the longer one is rounded to the places
 * of the shorter: 16386.20 and 16386.17 are near, and different.
 */
function decimalsAgree(gold: Rational, prediction: Rational, bothLiterals: boolean, tolerance: number): boolean {
  if (sameRational(gold, prediction)) return true;
  if (tolerance === 0 || isZero(gold)) return false;
  const allowed = gold.den === 1n && bothLiterals ? Math.min(tolerance, WHOLE_TOLERANCE) : tolerance;
  if (!within(toNumber(gold), toNumber(prediction), allowed)) return false;
  const [p, q] = [places(gold), places(prediction)];
  if (!bothLiterals || p === undefined || q === undefined || tolerance > 1e-4) return true;
  const digits = Math.min(p, q);
  return rounded(gold, digits) === rounded(prediction, digits);
}

/** A decimal with fewer places is too imprecise: 0.5 does not count as a rounding of 0.47. */
const LEAST_PLACES = 2;

/** Whether one side is a written decimal of at least two places, and the other rounds to it (half away from zero). */
export function roundedAlike(gold: Node, prediction: Node): boolean {
  return isRoundingOf(gold, prediction) || isRoundingOf(prediction, gold);
}

/** Whether the gold is a written decimal, and the prediction rounds to it. */
export function roundsToGold(gold: Node, prediction: Node): boolean {
  return isRoundingOf(gold, prediction, 1);
}

function isRoundingOf(short: Node, long: Node, least = LEAST_PLACES): boolean {
  const value = isLiteral(short) && isDecimal(short) ? tryExact(short) : undefined;
  const digits = value && writtenPlaces(short);
  if (value === undefined || digits === undefined || digits < least || variablesOf(long).length > 0) return false;
  const exact = tryExact(long);
  if (exact !== undefined) return rounded(exact, digits) === rounded(value, digits);
  const { value: double } = evaluate(long, { values: ORIGIN, logBase: 'natural' });
  const isReal = Number.isFinite(double.re) && Math.abs(double.im) <= CLOSE;
  return isReal && Math.abs(double.re - toNumber(value)) <= 0.5 * 10 ** -digits * (1 + CLOSE);
}

function writtenPlaces(node: Node): number | undefined {
  const literal = node.kind === 'apply' ? node.args[0] : node;
  if (literal === undefined || literal.kind === 'apply') return literal && writtenPlaces(literal);
  return literal.kind === 'number' ? places(literal.value) : undefined;
}

function isLiteral(node: Node): boolean {
  if (node.kind === 'apply' && node.op === 'negate') return node.args.every(isLiteral);
  return node.kind === 'number';
}

/** 1 or −1 for a written infinity, else 0; a value that only overflows is not one. */
function infinitySign(node: Node): number {
  if (node.kind === 'apply' && node.op === 'negate' && node.args[0] !== undefined) return -infinitySign(node.args[0]);
  return node.kind === 'symbol' && node.name === 'infty' ? 1 : 0;
}

/** Compares two expressions; `tolerance` counts only if one side is written with a decimal point. */
export function compareNodes(gold: Node, prediction: Node, tolerance: number): Finding {
  const [signGold, signPrediction] = [infinitySign(gold), infinitySign(prediction)];
  if (signGold !== 0 || signPrediction !== 0) {
    const same = signGold === signPrediction;
    return found(same, () => (same ? 'Both are the same infinity.' : 'Only one is infinite, or their signs differ.'));
  }
  const [exactGold, exactPrediction] = [tryExact(gold), tryExact(prediction)];
  const decimal = isDecimal(gold) || isDecimal(prediction);
  if (exactGold !== undefined && exactPrediction !== undefined) {
    const [a, b] = [exactGold, exactPrediction];
    if (sameRational(a, b)) return found(true, () => `Both are ${shown(a)}.`);
    const literals = isLiteral(gold) && isLiteral(prediction);
    const near = decimal && decimalsAgree(a, b, literals, tolerance);
    const values = () => [b, a].map((value) => (decimal ? String(toNumber(value)) : shown(value)));
    return found(near, () =>
      near ? `${values().join(' and ')} agree as decimals, within ${tolerance}.` : `${values().join(' is not ')}.`,
    );
  }
  const names = variablesOf(gold, prediction);
  if (names.length === 0) {
    const finding = compareConstants(gold, prediction, decimal ? tolerance : 0);
    return decimal ? finding : unlessHidden(gold, prediction, finding);
  }
  const finding = compareFunctions(gold, prediction, names);
  if (finding.likeness === 'different') return finding;
  const apart = finding.likeness === 'equal' ? apartElsewhere(gold, prediction, names) : undefined;
  if (apart !== undefined || decimal) return apart ?? finding;
  return exactlyApart(gold, prediction, names) ?? byResidues(gold, prediction, names) ?? finding;
}

/** Rational functions whose powers exceed the range of doubles. */
function byResidues(gold: Node, prediction: Node, names: readonly string[]): Finding | undefined {
  const same = sameResidues(gold, prediction, names);
  const because = () => (same ? 'They are the same rational function.' : 'They differ modulo a large prime.');
  return same === undefined ? undefined : found(same, because);
}

/** A term of a sum below this part of another keeps too few digits of a double. */
const KEPT = 1e-6;
/** Literals above this may differ by less than doubles distinguish. */
const MAX_LITERAL = 10n ** 12n;

/** The smallest double that has all its digits. */
const MIN_NORMAL = 2 ** -1022;

/** Two constants that are equal as doubles are `close` if doubles may hide a difference. */
function unlessHidden(gold: Node, prediction: Node, finding: Finding): Finding {
  if (finding.likeness !== 'equal' || ![gold, prediction].some((node) => some(node, hides))) return finding;
  return { likeness: 'close', because: finding.because };
}

/** A literal with too many digits, a value too small for a double, or a term that is negligible beside another. */
function hides(node: Node): boolean {
  if (node.kind === 'number') return node.value.num > MAX_LITERAL || node.value.den > MAX_LITERAL;
  if (node.kind === 'symbol') return false;
  if (/^(?:exp|power|divide)$/.test(node.kind === 'call' ? node.name : node.op)) return constantSize(node) < MIN_NORMAL;
  if (node.kind === 'call' || node.op !== 'add') return false;
  const sizes = node.args.map(constantSize).filter((size) => size > 0);
  return Math.min(...sizes) < KEPT * Math.max(...sizes);
}

function constantSize(node: Node): number {
  return C.modulus(evaluate(node, { values: ORIGIN, logBase: 'natural' }).value);
}

/** Large, negative and whole values, where absolute values, roundings and branches differ. */
const ELSEWHERE = [
  [137.25, 93.5, 61.75],
  [-211.5, 158.25, 77.5],
  [3, 5, 2],
  [-4, 7, 3],
  [12, -2, 9],
  [1013.5, 2117.25, 1511.5],
];

function apartElsewhere(gold: Node, prediction: Node, names: readonly string[]): Finding | undefined {
  // Their values at negative whole numbers are a convention.
  if ([gold, prediction].some((node) => some(node, isCounting))) return undefined;
  for (const list of ELSEWHERE) {
    const values = new Map(names.map((name, i) => [name, (list[i % 3] ?? 1) + Math.floor(i / 3)]));
    const apart = logBases(gold, prediction).every((logBase) => {
      const [a, b] = [evaluate(gold, { values, logBase }), evaluate(prediction, { values, logBase })];
      if (!C.finite(a.value) || !C.finite(b.value) || isComplex(a.value) || isComplex(b.value)) return false;
      const gap = C.modulus(C.add(a.value, C.negate(b.value)));
      return gap > 1e-6 * Math.max(C.modulus(a.value), C.modulus(b.value)) && gap > 1e-9 * Math.max(a.scale, b.scale);
    });
    const at = () => [...values].map(([name, value]) => `${name} = ${value}`).join(', ');
    if (apart) return found(false, () => `At ${at()} they differ.`);
  }
  return undefined;
}

function isCounting(node: Node): boolean {
  return node.kind === 'apply' && ['factorial', 'multifactorial', 'binomial', 'gcd', 'lcm'].includes(node.op);
}

/** Where doubles agree, fractions may still differ: x + 1000000000001 is not x + 1000000000000. */
function exactlyApart(gold: Node, prediction: Node, names: readonly string[]): Finding | undefined {
  for (let number = 0; number < EXACT_POINTS; number += 1) {
    const values = exactPoint(names, number);
    const [a, b] = [tryExact(gold, values), tryExact(prediction, values)];
    if (a === undefined || b === undefined || sameRational(a, b)) continue;
    const at = () => [...values].map(([name, value]) => `${name} = ${shown(value)}`).join(', ');
    return found(false, () => `At ${at()} the answer is ${shown(b)} and the gold ${shown(a)}.`);
  }
  return undefined;
}

function found(equal: boolean, because: () => string): Finding {
  return { likeness: equal ? 'equal' : 'different', because };
}

const ORIGIN: ReadonlyMap<string, number> = new Map();

function logBases(...nodes: Node[]): Point['logBase'][] {
  const bare = nodes.some((node) => some(node, (part) => part.kind === 'call' && part.name === 'log'));
  return bare ? ['natural', 'ten'] : ['natural'];
}

function compareConstants(gold: Node, prediction: Node, tolerance: number): Finding {
  let best: Finding = { likeness: 'undecided', because: NOTHING_FOUND };
  for (const logBase of logBases(gold, prediction)) {
    const point = { values: ORIGIN, logBase };
    const [a, b] = [evaluate(gold, point), evaluate(prediction, point)];
    const likeness = likenessOf(a, b, tolerance);
    const because = () =>
      likeness === 'different'
        ? `${rough(b.value)} is not ${rough(a.value)}.`
        : tolerance > 0
          ? `Both are ${rough(a.value)}…, within ${tolerance}.`
          : `Both are ${rough(a.value)}….`;
    if (likeness === 'equal') return { likeness, because };
    if (best.likeness !== 'close') best = { likeness, because };
  }
  return best;
}

function likenessOf(a: Evaluated, b: Evaluated, tolerance: number): Likeness {
  if (isInfinite(a.value) && isInfinite(b.value)) return a.value.re === b.value.re ? 'undecided' : 'different';
  if (!C.finite(a.value) || !C.finite(b.value)) {
    return Number.isNaN(a.value.re) || Number.isNaN(b.value.re) ? 'undecided' : 'different';
  }
  const gap = C.modulus(C.add(a.value, C.negate(b.value)));
  const size = Math.max(C.modulus(a.value), C.modulus(b.value));
  const scale = Math.max(size, a.scale, b.scale);
  const sound = scale <= CANCELLED * size || size === 0;
  if ((sound && gap <= ROUNDING * size) || gap <= tolerance * C.modulus(a.value)) return 'equal';
  // The remainder after cancellation may be rounding, or a true small difference.
  if (gap <= ROUNDING * scale || gap <= CLOSE * size) return 'close';
  return 'different';
}

function isInfinite(value: C.Complex): boolean {
  return Math.abs(value.re) === Number.POSITIVE_INFINITY;
}

/**
 * Seeded points, so that a verdict is the same in every run. The first half is positive. Then each letter in turn is the only negative
 * one, where signs and branches differ. The rest have any signs.
 */
export function samplePoints(names: readonly string[], count: number): Map<string, number>[] {
  const random = randomSource(20_240_601);
  const half = Math.ceil(count / 2);
  return Array.from({ length: count }, (_, i) => {
    const alone = i - half;
    const sign = (index: number) => {
      if (alone < 0) return 1;
      const negative = alone < names.length ? index === alone : random() < 0.5;
      return negative ? -1 : 1;
    };
    return new Map(names.map((name, index) => [name, sign(index) * (0.35 + 2.4 * random())]));
  });
}

function compareFunctions(gold: Node, prediction: Node, names: string[]): Finding {
  const imaginary = [gold, prediction].some((node) =>
    some(node, (part) => part.kind === 'symbol' && part.name === 'i'),
  );
  let best: Finding = { likeness: 'undecided', because: NOTHING_FOUND };
  for (const logBase of logBases(gold, prediction)) {
    const finding = compareAt(gold, prediction, samplePoints(names, SAMPLES + 2 * names.length), logBase, imaginary);
    if (finding.likeness === 'equal') return finding;
    best = finding;
  }
  return best;
}

function compareAt(
  gold: Node,
  prediction: Node,
  points: Map<string, number>[],
  logBase: Point['logBase'],
  imaginary: boolean,
): Finding {
  let agreed = 0;
  let agreedOutside = 0;
  let outside: (() => string) | undefined;
  for (const values of points) {
    const a = evaluate(gold, { values, logBase });
    const b = evaluate(prediction, { values, logBase });
    const parting = () => {
      const at = [...values].map(([name, value]) => `${name} = ${rough(C.complex(value))}`).join(', ');
      return `At ${at} the answer is ${rough(b.value)} and the gold ${rough(a.value)}.`;
    };
    // Too small for a double: nothing is decided.
    if (isTiny(a.value) && isTiny(b.value)) continue;
    // Beyond the range of doubles on one side only: the values are far apart.
    if (isInfinite(a.value) !== isInfinite(b.value) && (C.finite(a.value) || C.finite(b.value)))
      return found(false, parting);
    if (!C.finite(a.value) || !C.finite(b.value)) continue;
    const scale = Math.max(a.scale, b.scale, C.modulus(a.value), C.modulus(b.value));
    const gap = C.modulus(C.add(a.value, C.negate(b.value)));
    const same =
      gap <= CLOSE * Math.max(C.modulus(a.value), C.modulus(b.value)) || gap <= LOST * Math.min(scale, MAX_SCALE);
    // Rounding may explain the whole difference, or hide one: this point decides nothing.
    if (!same && gap <= LOST * scale) continue;
    // Outside the real domain, two branches may differ although the answers are equal.
    if (!imaginary && (isComplex(a.value) || isComplex(b.value))) {
      if (same) agreedOutside += 1;
      else outside ??= parting;
    } else if (!same) return found(false, parting);
    else agreed += 1;
  }
  const names = [...(points[0]?.keys() ?? [])].join(', ');
  if (agreed >= NEEDED || (outside === undefined && agreed + agreedOutside >= NEEDED)) {
    return found(true, () => `Equal at ${plural(agreed || agreedOutside, 'random value')} of ${names}.`);
  }
  return outside === undefined ? { likeness: 'undecided', because: NOTHING_FOUND } : found(false, outside);
}

function isTiny(value: C.Complex): boolean {
  return C.modulus(value) < MIN_NORMAL;
}

function isComplex(value: C.Complex): boolean {
  return Math.abs(value.im) > 1e-9 * C.modulus(value);
}
