const CLOSING = /<\/think(?:ing)?>|<\|end_of_thought\|>|<｜end▁of▁thinking｜>/g;
const OPENING = /<think(?:ing)?>|<\|begin_of_thought\|>/g;

/** A part of a text, `[start, end)` in UTF-16 code units. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a final answer may stand, best first: behind the last closed thought or, where nothing stands there, in it; an unfinished thought counts nowhere.
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
