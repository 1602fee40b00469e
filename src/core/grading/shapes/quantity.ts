import { apply, type Node } from '../expression/node.ts';
import { addRational, multiplyRational, negateRational, type Rational, whole } from '../rational.ts';
import { countedMeasure, inverse, type Measure, readMeasure, sameDimension } from '../units/index.ts';
import type { Comparison, Value, ValueOf } from './value.ts';

type Quantity = ValueOf<'quantity'>;

function measureOf(quantity: Quantity): Measure {
  return readMeasure(quantity.unit) ?? countedMeasure(quantity.unit);
}

/** Two values with units: the same unit, or, under `convert`, one value computed in the unit of the other. */
export function equalQuantities(gold: Quantity, prediction: Quantity, comparison: Comparison): boolean {
  let equal = gold.unit === prediction.unit && comparison.equal(gold.value, prediction.value);
  const because = comparison.because;
  if (!equal && comparison.policy.units === 'convert' && gold.unit !== prediction.unit) {
    const [a, b] = [measureOf(gold), measureOf(prediction)];
    const converted = sameDimension(a, b) ? convert(prediction.value, b, a) : undefined;
    equal = converted !== undefined && comparison.equal(gold.value, converted);
  }
  comparison.method = 'quantity';
  if (gold.unit === prediction.unit) comparison.because = because;
  else
    comparison.because = () =>
      equal
        ? `Equal when ${prediction.unit} is converted to ${gold.unit}.`
        : `The units differ: ${prediction.unit} is not ${gold.unit}.`;
  return equal;
}

/**
 * A value with a unit compared with one without. Under `convert`, the bare one is in the unit of the other, unless that unit only counts
 * (`2 dozen` is 24); if marks are required, it is a different answer.
 */
export function withQuantity(gold: Value, prediction: Value, comparison: Comparison): boolean {
  const value = (side: Value) => {
    if (side.shape !== 'quantity') return side;
    const measure = measureOf(side);
    return measure.dimension.size === 0 ? convert(side.value, measure, COUNT) : side.value;
  };
  const marks = [gold, prediction].map((side) => (side.shape === 'quantity' ? side.unit : ''));
  const [a, b] = [value(gold), value(prediction)];
  const counts = comparison.policy.units === 'convert' && !marks.includes('%');
  const equal = counts && a !== undefined && b !== undefined && comparison.equal(a, b);
  comparison.method = 'quantity';
  if (!counts) comparison.because = () => 'One side has a unit or a percent sign, the other has none.';
  return equal;
}

const COUNT: Measure = { text: '', factor: whole(1n), offset: undefined, dimension: new Map() };

/** The value in another unit of the same dimension; undefined for shapes that are not amounts. */
function convert(value: Value, from: Measure, to: Measure): Value | undefined {
  const factor = multiplyRational(from.factor, inverse(to.factor));
  const gap = addRational(from.offset ?? whole(0n), negateRational(to.offset ?? whole(0n)));
  const shift = gap && multiplyRational(gap, inverse(to.factor));
  return factor && shift && moved(value, factor, shift);
}

function moved(value: Value, factor: Rational, shift: Rational): Value | undefined {
  if (value.shape === 'expression' && value.node !== undefined) {
    const node = apply('add', apply('multiply', value.node, number(factor)), number(shift));
    const text = `(${value.text})\\cdot\\frac{${factor.num}}{${factor.den}}+\\frac{${shift.num}}{${shift.den}}`;
    return { ...value, text, node };
  }
  if (value.shape !== 'tuple' && value.shape !== 'list' && value.shape !== 'set') return undefined;
  const items = value.items.map((item) => moved(item, factor, shift));
  return items.includes(undefined) ? undefined : { ...value, items: items.filter((item) => item !== undefined) };
}

function number(value: Rational): Node {
  return { kind: 'number', value, decimal: false };
}
