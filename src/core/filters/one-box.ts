import { findBoxes } from '../text/boxes.ts';
import type { FilterRule } from './rule.ts';

/**
 * Exactly one `\boxed{}` in the last piece. People's own traces that come without a separate answer box results on the way: there,
 * boxes that all hold the same text count as one.
 */
export const oneBox: FilterRule = {
  id: 'one-box',
  measure: ({ pieces }) => {
    const last = pieces.at(-1);
    if (!last) return undefined;
    const contents = findBoxes(last.text).map((box) => last.text.slice(box.innerStart, box.innerEnd).trim());
    const value = last.piece === 'trace' ? new Set(contents).size : contents.length;
    const reason = value === 0 ? 'The last piece has no complete \\boxed{}.' : `The last piece has ${value} boxes.`;
    return { passed: value === 1, value, threshold: 1, ...(value === 1 ? {} : { reason }) };
  },
};
