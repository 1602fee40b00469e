import type { Disagreement } from '../../src/protocol/review.ts';
import type { TraceContent } from '../rendering/trace.ts';
import { candidateWords } from './answers.ts';
import { disagreementWords } from './disagreements.ts';

/** What can be walked over. */
export type Walk = 'span' | 'candidate' | 'disagreement';

/** A place that a walk comes to, and what is said there. */
export interface Stop {
  id: string;
  start: number;
  words: string;
}

interface Target extends Stop {
  /** The walk went over the end and began again. */
  wrapped: boolean;
}

/**
 * The stop after (or before) the one that is lit, or, when none is, the first one from the upper edge of the screen. Undefined
 * when there is none at all.
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
  // Nothing below the edge is no wrap of the reader's making: the walk begins at the other end.
  return stop === undefined ? undefined : { ...stop, wrapped: wrapped && at >= 0 };
}

/** Which of the chain's spans one is, from 1, in the order of the walk. */
export function spanOrder(content: TraceContent, id: string): { place: number; total: number } {
  const stops = spanStops(content);
  return { place: stops.findIndex((stop) => stop.id === id) + 1, total: stops.length };
}

/** The spans of a text, in its order. */
export function spanStops({ spans }: Pick<TraceContent, 'spans'>): Stop[] {
  return spans
    .map(({ id, start, kind }) => ({ id, start, words: kind }))
    .sort((a, b) => a.start - b.start || a.id.localeCompare(b.id));
}

/** Its candidate answers; the id is the place in the list. */
export function candidateStops({ candidates, text }: Pick<TraceContent, 'candidates' | 'text'>): Stop[] {
  const words = candidateWords(candidates, text.length);
  return candidates.map(({ start }, index) => ({ id: String(index), start, words: words[index] ?? '' }));
}

/** The sentences on which judge and detectors differ; the id is the place in the list. */
export function disagreementStops(disagreements: readonly Disagreement[]): Stop[] {
  const words = disagreementWords(disagreements);
  return disagreements.map(({ start }, index) => ({ id: String(index), start, words: words[index] ?? '' }));
}
