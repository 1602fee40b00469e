import type { Bound, Comparison, Value, ValueOf } from './value.ts';

function isInfinite(value: Value): boolean {
  return /^[-+]?\\infty$/.test(value.text);
}

function sameBound(gold: Bound, prediction: Bound, comparison: Comparison): boolean {
  // No bracket closes an infinite end, whichever was typed.
  return (
    (gold.closed === prediction.closed || isInfinite(gold.value)) && comparison.equal(gold.value, prediction.value)
  );
}

function ending(bound: Bound): string {
  return isInfinite(bound.value) ? bound.value.text : `${bound.value.text} (${bound.closed ? 'closed' : 'open'})`;
}

/** Same ends, open and closed alike. */
export function equalIntervals(
  gold: ValueOf<'interval'>,
  prediction: ValueOf<'interval'>,
  comparison: Comparison,
): boolean {
  const low = sameBound(gold.low, prediction.low, comparison);
  const high = low && sameBound(gold.high, prediction.high, comparison);
  comparison.method = 'interval';
  comparison.because = () => {
    if (low && high) return 'Both ends are equal, and open or closed alike.';
    const [a, b] = low ? [gold.high, prediction.high] : [gold.low, prediction.low];
    return `The ${low ? 'upper' : 'lower'} ends differ: ${ending(b)} is not ${ending(a)}.`;
  };
  return high;
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
