import type { PieceRecord } from '../model/index.ts';
import { at, placeOf } from './places.ts';
import type { FilterRule } from './rule.ts';

/** Each piece has at least `minLength` characters: the one threshold that the paper publishes is 20. */
export const minLength: FilterRule = {
  id: 'min-length',
  asks: 'Each piece has at least so many characters.',
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
    const reason = `${piece.piece} has ${length} characters.`;
    const place = length === 0 ? [] : [placeOf(input, piece, 0, piece.text.length)];
    return { passed: false, value: length, threshold, reason, ...at(place) };
  },
};
