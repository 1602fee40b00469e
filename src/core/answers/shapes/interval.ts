import type { Bound, Comparison, Value, ValueOf } from './value.ts';

function isInfinite(value: Value): boolean {
  return /^[-+]?\\infty$/.test(value.text);
}

function sameBound(gold: Bound, prediction: Bound, comparison: Comparison): boolean {
  // No bracket closes an infinite end, whichever was typed.
  const alike =
    gold.closed === prediction.closed || comparison.policy.intervalEnds === 'ignore' || isInfinite(gold.value);
  return alike && comparison.equal(gold.value, prediction.value);
}

/** Same ends, open and closed alike. */
export function equalIntervals(
  gold: ValueOf<'interval'>,
  prediction: ValueOf<'interval'>,
  comparison: Comparison,
): boolean {
  const equal = sameBound(gold.low, prediction.low, comparison) && sameBound(gold.high, prediction.high, comparison);
  comparison.method = 'interval';
  return equal;
}

/** A pair in round brackets, read as an open interval. */
export function openInterval(value: Value): ValueOf<'interval'> | undefined {
  if (value.shape === 'interval') return value;
  const [low, high] = value.shape === 'tuple' && value.items.length === 2 ? value.items : [];
  if (low === undefined || high === undefined) return undefined;
  return {
    shape: 'interval',
    text: value.text,
    low: { value: low, closed: false },
    high: { value: high, closed: false },
  };
}
