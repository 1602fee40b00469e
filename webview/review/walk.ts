import type { TraceContent } from '../rendering/trace.ts';
import { candidateWords } from './answers.ts';

export type Walk = 'span' | 'candidate';

interface Target {
  id: string;
  start: number;
  words: string;
  /** The walk went over the end and began again. */
  wrapped: boolean;
}

/**
 * The span or candidate answer after (or before) the one that is lit, or, when none is, the first one from the upper edge of
 * the screen. Undefined when there is none at all.
 */
export function walkTo(
  content: TraceContent,
  what: Walk,
  direction: 1 | -1,
  span: string | undefined,
  candidate: string | undefined,
  from: number,
): Target | undefined {
  const stops = what === 'span' ? spanStops(content) : candidateStops(content);
  if (stops.length === 0) return undefined;
  const lit = what === 'span' ? span : candidate;
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

type Stop = Omit<Target, 'wrapped'>;

function spanStops({ spans }: TraceContent): Stop[] {
  return spans
    .map(({ id, start, kind }) => ({ id, start, words: kind }))
    .sort((a, b) => a.start - b.start || a.id.localeCompare(b.id));
}

function candidateStops({ candidates, text }: TraceContent): Stop[] {
  const words = candidateWords(candidates, text.length);
  return candidates.map(({ start }, index) => ({ id: String(index), start, words: words[index] ?? '' }));
}
