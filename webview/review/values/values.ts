import { formatCount, formatPercent as formatShare, plural } from '../../../src/core/text/format.ts';
import type { PlaceValue, ShownStepValues } from '../../../src/protocol/step-values.ts';

const formatPercent = (share: number): string => formatShare(share, 0);

/** Mean and interval of a place. The end of the chain has no continuation: its value is that of its answer. */
export function valueAt(
  { kept, right, mean, low, high }: PlaceValue,
  steps: number,
): Record<'mean' | 'low' | 'high', number> {
  if (kept < steps) return { mean, low, high };
  const value = Number(right > 0);
  return { mean: value, low: value, high: value };
}

/** `after 5 steps: 7 of 8 right, 80 % (55 % to 94 %)`. */
export function describePlace(place: PlaceValue, steps: number): string {
  const { kept, right, wrong, mean, low, high } = place;
  const after = kept === 0 ? 'before the first step' : `after ${plural(kept, 'step')}`;
  if (kept === steps) return `${after}, the end of the chain: ${right > 0 ? 'right' : 'wrong'}`;
  const outcomes = `${formatCount(right)} of ${formatCount(right + wrong)} right`;
  return `${after}: ${outcomes}, ${formatPercent(mean)} (${formatPercent(low)} to ${formatPercent(high)})`;
}

/** `First wrong step? Step 7 of 11: 80 % before it, 5 % after it`; empty where success does not collapse. */
export function describeSuggestion({ firstWrong, steps, before, after }: ShownStepValues): string {
  if (firstWrong === undefined) return '';
  const step = `Step ${formatCount(firstWrong.step)} of ${formatCount(steps)}`;
  return `First wrong step? ${step}: ${formatPercent(before)} before it, ${formatPercent(after)} after it`;
}

/** `step 7: 80 % → 5 %`. */
export function describeAnchor({ first, last, before, after }: ShownStepValues['anchors'][number]): string {
  const steps = first === last ? `step ${formatCount(first)}` : `steps ${formatCount(first)} to ${formatCount(last)}`;
  return `${steps}: ${formatPercent(before)} → ${formatPercent(after)}`;
}
