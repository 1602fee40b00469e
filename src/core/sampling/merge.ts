import type { SourceMarkers } from './settings.ts';

/** The kind of a training row: a chain of stage 1, or a response of stage 2. */
export type MergeSource = keyof SourceMarkers;

/** A problem that ends with the sentence of its source. One that ends with it already is not marked twice. */
export function markProblem(problem: string, marker: string): string {
  const text = problem.trimEnd();
  const bare = text.endsWith(marker) ? text.slice(0, -marker.length).trimEnd() : text;
  return `${bare}\n\n${marker}`;
}
