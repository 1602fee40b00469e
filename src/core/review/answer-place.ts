import { findBoxes } from '../text/boxes.ts';

/** A part of a text, `[start, end)` in UTF-16 code units. */
export interface Place {
  start: number;
  end: number;
}

/** The place of an extracted answer in `[from, to)`: the last box with it, else its last occurrence. Assembly and edits may have removed it. */
export function answerPlace(text: string, from: number, to: number, answer: string): Place | undefined {
  const trimmed = answer.trim();
  if (trimmed === '') return undefined;
  const inside = text.slice(from, to);
  const box = findBoxes(inside).findLast(
    ({ innerStart, innerEnd }) => inside.slice(innerStart, innerEnd).trim() === trimmed,
  );
  if (box !== undefined) return { start: from + box.innerStart, end: from + box.innerEnd };
  for (let at = inside.lastIndexOf(trimmed); at >= 0; at = at === 0 ? -1 : inside.lastIndexOf(trimmed, at - 1)) {
    const end = at + trimmed.length;
    if (isWhole(inside, at, end)) return { start: from + at, end: from + end };
  }
  return undefined;
}

/** Whether `[at, end)` is not part of a longer word or number: the 5 of 25, x5 or 5.2 is another answer. */
function isWhole(text: string, at: number, end: number): boolean {
  const joined = /[\p{L}\p{N}]/u;
  const [first = '', last = ''] = [text.charAt(at), text.charAt(end - 1)];
  const before = text.slice(Math.max(0, at - 2), at);
  if (joined.test(first) && (joined.test(before.slice(-1)) || /\p{N}[.,]$/u.test(before))) return false;
  return !(joined.test(last) && /^(?:[\p{L}\p{N}]|[.,]\p{N})/u.test(text.slice(end, end + 2)));
}
