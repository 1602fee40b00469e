import { addRational, multiplyRational, parseDecimal, powerRational, type Rational, whole } from '../rational.ts';
import { type Unit, unitOf } from './table.ts';

/** The text after a value, as a product of units. Words that are not a known unit (`apples`) count as their own kind of unit. */
export interface Measure {
  /** Its one spelling: factors in order, `kg*m/s^2`. */
  readonly text: string;
  readonly factor: Rational;
  readonly offset: Rational | undefined;
  readonly dimension: ReadonlyMap<string, number>;
}

interface Factor {
  readonly unit: Unit;
  power: number;
}

const POWER_WORDS: Readonly<Record<string, number>> = { square: 2, sq: 2, cubic: 3, cu: 3, squared: 2, cubed: 3 };
const TOKEN =
  /\s*(?:(\/|per(?![A-Za-z]))|([*()])|\^?(-?\d)(?!\d)|(°[CF]?|[A-Za-z]+(?:-[A-Za-z]+)*|[$€£¢ΩμÅ%]|[\u4e00-\u9fff]+))/y;
/** Units are short; a longer text is prose. */
const LONGEST = 80;

function prepared(text: string): string {
  return text
    .replace(/\\(?:cdot|times)(?![A-Za-z])/g, '*')
    .replace(/\\degree/g, '°')
    .replace(/\\mu\s*/g, 'μ')
    .replace(/\\Omega(?![A-Za-z])/g, 'Ω')
    .replace(/([kMmGμu])\s+Ω/g, '$1Ω')
    .replace(/\\AA(?![A-Za-z])|\\mathring\s*\{?\s*A\s*\}?/g, 'Å')
    .replace(/\\([$%])/g, '$1')
    .replace(/[{}]|\.(?=\s|$)/g, '')
    .replace(/(?:°|\bdeg(?:rees?)?)\s*(?:celsius|centigrade|C)\b/gi, '°C')
    .replace(/(?:°|\bdeg(?:rees?)?)\s*(?:fahrenheit|F)\b/gi, '°F')
    .replace(/μ(?=[A-Za-z])/g, 'u')
    .replace(/\b(nautical|metric|fluid) (?=mile|ton|ounce)/gi, '$1-')
    .trim();
}

function opaque(word: string): Unit {
  const symbol = word.toLowerCase().replace(/(?<=[a-z]{3})s$/, '');
  return { symbol, factor: whole(1n), dimension: { [symbol]: 1 } };
}

/**
 * Reads `cm^2`, `square metres`, `miles per hour`, `kg m/s^2`, `平方厘米`. Known units end where other words begin (`cm long`); undefined
 * if no known unit comes first, or, with `whole`, if any other word follows.
 */
export function readMeasure(text: string, whole?: 'whole'): Measure | undefined {
  if (text.length > LONGEST) return undefined;
  const tail = prepared(text);
  const factors: Factor[] = [];
  let sign = 1;
  let inside = 1;
  let raised = 1;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < tail.length) {
    const [whole_, over, mark, power, word] = TOKEN.exec(tail) ?? [];
    if (whole_ === undefined) return undefined;
    const last = factors.at(-1);
    if (over !== undefined) sign = -1;
    else if (mark === '(') [inside, sign] = [sign * inside, 1];
    else if (mark === ')') inside = 1;
    else if (power !== undefined) {
      if (last === undefined) return undefined;
      last.power *= Number(power);
    } else if (word !== undefined) {
      const times = POWER_WORDS[word.toLowerCase()];
      if (times !== undefined && /^(?:squared|cubed)$/i.test(word) && last) last.power *= times;
      else if (times !== undefined) raised = times;
      else {
        const unit = unitOf(word) ?? (sign < 0 && factors.length > 0 ? opaque(word) : undefined);
        if (unit === undefined && whole) return undefined;
        if (unit === undefined) break;
        factors.push({ unit, power: sign * inside * raised });
        [sign, raised] = [1, 1];
      }
    }
  }
  return factors.length === 0 ? undefined : product(factors);
}

/** Words that count something, as one unit of their own kind. */
export function countedMeasure(words: string): Measure {
  const text = words
    .split(/[\s.]+/)
    .filter((word) => /[A-Za-z\u4e00-\u9fff]/.test(word))
    .map((word) => opaque(word).symbol)
    .join(' ');
  return { text, factor: whole(1n), offset: undefined, dimension: new Map([[text, 1]]) };
}

function product(factors: readonly Factor[]): Measure | undefined {
  let factor: Rational | undefined = whole(1n);
  const dimension = new Map<string, number>();
  for (const { unit, power } of factors) {
    const own = powerRational(unit.factor, whole(BigInt(power)));
    factor = factor && own && multiplyRational(factor, own);
    for (const [base, times] of Object.entries(unit.dimension)) {
      dimension.set(base, (dimension.get(base) ?? 0) + times * power);
    }
  }
  if (factor === undefined) return undefined;
  for (const [base, power] of dimension) if (power === 0) dimension.delete(base);
  const [only] = factors;
  const offset = factors.length === 1 && only?.power === 1 ? only.unit.offset : undefined;
  return { text: written(factors), factor, offset, dimension };
}

function written(factors: readonly Factor[]): string {
  const powers = new Map<string, number>();
  for (const { unit, power } of factors) powers.set(unit.symbol, (powers.get(unit.symbol) ?? 0) + power);
  const parts = [...powers].filter(([, power]) => power !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  const spell = ([symbol, power]: [string, number]) => `${symbol}${Math.abs(power) === 1 ? '' : `^${Math.abs(power)}`}`;
  const over = parts.filter(([, power]) => power < 0).map(spell);
  const above = parts.filter(([, power]) => power > 0).map(spell);
  return [above.join('*'), ...over].join('/');
}

/** Whether both measure the same kind of quantity. */
export function sameDimension(a: Measure, b: Measure): boolean {
  return (
    a.dimension.size === b.dimension.size && [...a.dimension].every(([base, power]) => b.dimension.get(base) === power)
  );
}

const PART = /\s*(?:(?:and|,)\s*)?(\d+(?:\.\d+)?)\s*([A-Za-z]+)\.?(?![A-Za-z])/y;

/**
 * `2 h 30 min`, `5 ft 3 in`, `2 hours and 30 minutes` as one value in the last unit, with that unit's normal form; undefined where the parts do not
 * go from a larger to a smaller unit of one kind.
 */
export function readCompound(text: string): { value: Rational; unit: string } | undefined {
  const parts: { count: Rational; measure: Measure }[] = [];
  PART.lastIndex = 0;
  const trimmed = text.trim();
  while (PART.lastIndex < trimmed.length) {
    const match = PART.exec(trimmed);
    const count = match && parseDecimal(match[1] ?? '');
    const measure = match ? readMeasure(match[2] ?? '') : undefined;
    const before = parts.at(-1)?.measure;
    if (!count || !measure || measure.offset || (before && !isFiner(before, measure))) return undefined;
    parts.push({ count, measure });
  }
  const last = parts.at(-1)?.measure;
  if (parts.length < 2 || last === undefined) return undefined;
  let value: Rational | undefined = whole(0n);
  for (const { count, measure } of parts) {
    const share = multiplyRational(count, multiplyRational(measure.factor, inverse(last.factor)) ?? whole(1n));
    value = value && share && addRational(value, share);
  }
  return value && { value, unit: last.text };
}

function isFiner(a: Measure, b: Measure): boolean {
  return sameDimension(a, b) && a.factor.num * b.factor.den > b.factor.num * a.factor.den;
}

/** Factors of units are positive. */
export function inverse(factor: Rational): Rational {
  return { num: factor.den, den: factor.num };
}
