import type { FilterPlace } from '../schemas/index.ts';
import { findBoxes } from '../text/boxes.ts';
import { plural } from '../text/format.ts';
import { at, placeOf } from './places.ts';
import type { FilterRule } from './rule.ts';

/** Imported traces without a separate answer often box intermediate results: there, boxes with the same text count as one. */
export const oneBox: FilterRule = {
  id: 'one-box',
  asks: 'The last piece has exactly one complete `\\boxed{}`.',
  thresholds: [],
  measure: (input) => {
    const last = input.pieces.at(-1);
    if (!last) return undefined;
    const boxes = findBoxes(last.text);
    const contents = boxes.map((box) => last.text.slice(box.innerStart, box.innerEnd).trim());
    const value = last.piece === 'trace' ? new Set(contents).size : contents.length;
    if (value === 1) return { passed: true, value, threshold: 1 };
    const reason =
      value === 0
        ? 'The last piece has no complete \\boxed{}.'
        : `The last piece has ${plural(value, 'box', 'boxes')}.`;
    const places = boxes.map(({ start, end }) => placeOf(input, last, start, end));
    return { passed: false, value, threshold: 1, reason, ...at(distinct(places)) };
  },
};

/** Boxes with the same text may be found at the same place. */
function distinct(places: readonly FilterPlace[]): FilterPlace[] {
  return [...new Map(places.map((place) => [`${place.piece} ${place.start}`, place])).values()];
}
