const CLOSING = /<\/think(?:ing)?>|<\|end_of_thought\|>|<｜end▁of▁thinking｜>/g;
const OPENING = /<think(?:ing)?>|<\|begin_of_thought\|>/g;

/** A part of a text, `[start, end)` in UTF-16 code units. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a final answer may be, best first: after the last closed thought or, if that is empty, in it; never in an unfinished thought.
 */
export function answerRegions(text: string): Region[] {
  const closed = [...text.matchAll(CLOSING)].at(-1);
  const from = closed === undefined ? 0 : closed.index + closed[0].length;
  const unfinished = [...text.slice(from).matchAll(OPENING)][0];
  const end = unfinished === undefined ? text.length : from + unfinished.index;
  const regions = [{ start: from, end }];
  if (closed !== undefined && text.slice(from, end).trim() === '') regions.push({ start: 0, end: from });
  return regions;
}
