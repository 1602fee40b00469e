import { findBoxes } from '../text/boxes.ts';

/** A stretch of a text, `[start, end)` in UTF-16 code units. */
export interface Place {
  start: number;
  end: number;
}

/**
 * Where the answer that grading found stands in `[from, to)` of the text: the last box that holds it, else the last time that it is
 * written. Assembly and edits may have taken it out: then there is no place.
 */
export function answerPlace(text: string, from: number, to: number, answer: string): Place | undefined {
  const wanted = answer.trim();
  if (wanted === '') return undefined;
  const inside = text.slice(from, to);
  const box = findBoxes(inside).findLast(({ innerStart, innerEnd }) => holds(inside, innerStart, innerEnd, wanted));
  if (box !== undefined) return { start: from + box.innerStart, end: from + box.innerEnd };
  for (let at = inside.lastIndexOf(wanted); at >= 0; at = at === 0 ? -1 : inside.lastIndexOf(wanted, at - 1)) {
    const end = at + wanted.length;
    if (standsAlone(inside, at, end)) return { start: from + at, end: from + end };
  }
  return undefined;
}

function holds(text: string, start: number, end: number, wanted: string): boolean {
  return text.slice(start, end).trim() === wanted;
}

/** Whether `[at, end)` is no part of a longer word or number: the 5 of 25, x5 or 5.2 is another answer. */
function standsAlone(text: string, at: number, end: number): boolean {
  const joined = /[\p{L}\p{N}]/u;
  const [first = '', last = ''] = [text.charAt(at), text.charAt(end - 1)];
  const before = text.slice(Math.max(0, at - 2), at);
  if (joined.test(first) && (joined.test(before.slice(-1)) || /\p{N}[.,]$/u.test(before))) return false;
  return !(joined.test(last) && /^(?:[\p{L}\p{N}]|[.,]\p{N})/u.test(text.slice(end, end + 2)));
}
