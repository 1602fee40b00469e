import type { FilterPlace, PieceName } from '../schemas/index.ts';
import type { FilterInput } from './rule.ts';

/** Maximum number of stored places per filter. */
const MOST = 20;

/** `[start, end)` of a raw piece as a place of the chain's text, or of the piece where assembly changed the text. */
export function placeOf(
  { text, segments }: FilterInput,
  piece: { piece: PieceName; text: string },
  start: number,
  end: number,
): FilterPlace {
  const excerpt = piece.text.slice(start, end);
  const segment = segments?.find((each) => each.piece === piece.piece);
  // Without segments, the whole piece is searched before its excerpt.
  const from = segment?.start ?? Math.max(0, text.indexOf(piece.text));
  const found = text === piece.text ? start : text.indexOf(excerpt, from);
  const inside = found >= 0 && (segment === undefined || found + excerpt.length <= segment.end);
  return inside ? { start: found, end: found + excerpt.length } : { start, end, piece: piece.piece };
}

/** The property `at` of a result, omitted without places. */
export function at(places: readonly FilterPlace[]): { at?: FilterPlace[] } {
  return places.length === 0 ? {} : { at: places.slice(0, MOST) };
}
