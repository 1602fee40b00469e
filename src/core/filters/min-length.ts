import type { PieceRecord } from '../schemas/index.ts';
import { plural } from '../text/format.ts';
import { at, placeOf } from './places.ts';
import type { FilterRule } from './rule.ts';

/** The paper publishes one threshold: 20. */
export const minLength: FilterRule = {
  id: 'min-length',
  asks: 'Each piece has a minimum number of characters.',
  thresholds: ['minLength'],
  measure: (input, { minLength: threshold }) => {
    let shortest: { piece: PieceRecord; length: number } | undefined;
    for (const piece of input.pieces) {
      const { length } = piece.text.trim();
      if (!shortest || length < shortest.length) shortest = { piece, length };
    }
    if (!shortest) return undefined;
    const { piece, length } = shortest;
    if (length >= threshold) return { passed: true, value: length, threshold };
    const reason = `${piece.piece} has ${plural(length, 'character')}.`;
    const place = length === 0 ? [] : [placeOf(input, piece, 0, piece.text.length)];
    return { passed: false, value: length, threshold, reason, ...at(place) };
  },
};
