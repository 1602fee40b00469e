import type { FilterPlace, PieceName } from '../model/index.ts';
import type { FilterInput } from './rule.ts';

/** Places that are kept of one filter, at most: they are there to be looked at. */
const MOST = 20;

/** `[start, end)` of a raw piece as a place of the chain's text, where assembly has left it as it was; else as one of the piece. */
export function placeOf(
  { text, segments }: FilterInput,
  piece: { piece: PieceName; text: string },
  start: number,
  end: number,
): FilterPlace {
  const excerpt = piece.text.slice(start, end);
  const segment = segments?.find((each) => each.piece === piece.piece);
  // Without segments, the piece is looked for as a whole before its excerpt is.
  const from = segment?.start ?? Math.max(0, text.indexOf(piece.text));
  const found = text === piece.text ? start : text.indexOf(excerpt, from);
  const inside = found >= 0 && (segment === undefined || found + excerpt.length <= segment.end);
  return inside ? { start: found, end: found + excerpt.length } : { start, end, piece: piece.piece };
}

/** The property `at` of a result, left out where there are no places. */
export function at(places: readonly FilterPlace[]): { at?: FilterPlace[] } {
  return places.length === 0 ? {} : { at: places.slice(0, MOST) };
}
