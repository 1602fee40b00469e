import type { Disagreement } from '../../src/protocol/review.ts';
import type { TraceContent } from '../rendering/trace.ts';
import { describeCandidates } from './facts/answers.ts';
import { describeDisagreements } from './facts/disagreements.ts';

export type Walk = 'span' | 'candidate' | 'disagreement';

/** A stop of a walk, and its announcement. */
export interface Stop {
  id: string;
  start: number;
  text: string;
}

interface Target extends Stop {
  /** Whether the walk wrapped around. */
  wrapped: boolean;
}

/**
 * The stop after or before the lit one; without a lit one, the first stop from the upper edge of the screen. Undefined without stops.
 */
export function walkTo(
  stops: readonly Stop[],
  direction: 1 | -1,
  lit: string | undefined,
  from: number,
): Target | undefined {
  if (stops.length === 0) return undefined;
  const at = lit === undefined ? -1 : stops.findIndex(({ id }) => id === lit);
  let index: number;
  if (at >= 0) index = at + direction;
  else if (direction === 1)
    index = Math.max(
      0,
      stops.findIndex(({ start }) => start >= from),
    );
  else index = stops.findLastIndex(({ start }) => start < from);
  const wrapped = index < 0 || index >= stops.length;
  const stop = stops[(index + stops.length) % stops.length] ?? stops[0];
  // Without a lit stop, starting at the other end is not reported as a wrap.
  return stop === undefined ? undefined : { ...stop, wrapped: wrapped && at >= 0 };
}

/** The number of a span, from 1, in the order of the walk. */
export function spanOrder(content: TraceContent, id: string): { place: number; total: number } {
  const stops = spanStops(content);
  return { place: stops.findIndex((stop) => stop.id === id) + 1, total: stops.length };
}

export function spanStops({ spans }: Pick<TraceContent, 'spans'>): Stop[] {
  return spans
    .map(({ id, start, kind }) => ({ id, start, text: kind }))
    .sort((a, b) => a.start - b.start || a.id.localeCompare(b.id));
}

/** The id is the index in the list. */
export function candidateStops({ candidates, text }: Pick<TraceContent, 'candidates' | 'text'>): Stop[] {
  const texts = describeCandidates(candidates, text.length);
  return candidates.map(({ start }, index) => ({ id: String(index), start, text: texts[index] ?? '' }));
}

/** The sentences on which judge and classifier disagree; the id is the index in the list. */
export function disagreementStops(disagreements: readonly Disagreement[]): Stop[] {
  const texts = describeDisagreements(disagreements);
  return disagreements.map(({ start }, index) => ({ id: String(index), start, text: texts[index] ?? '' }));
}
