import { type Box, findBoxes } from '../../text/boxes.ts';
import { type ExtractedAnswer, found } from './found.ts';
import type { Region } from './thought.ts';

/** More boxes than a real response has; only the last ones count. */
const MAX_BOXES = 500;
/** Longest text between two boxes of one answer. */
const MAX_BETWEEN = 40;
/** Joining marks and words, rules of marks (`++++`), LaTeX spaces and delimiters, and the name of the next value (`y_2 =`). */
const JOINED =
  /^(?:\s|[,;$.*]|([-+&|/#])\1+(?!\1)|\\$|\\[()[\],;! ]|\\q?quad(?![a-z])|~|(?:[a-z]+ )?and|or|\\text\s*\{[^{}]{0,30}(?:,|\band|\bor)\s*\}|[A-Za-z](?:_\{?\w\}?)?\s*=)*$/;

/**
 * The last complete box, or the run of boxes that ends with it, separated only by commas, “and” and similar words; the answer is then
 * the whole run with its commands.
 */
export function lastBox(text: string, region: Region): ExtractedAnswer | undefined {
  const within = text.slice(region.start, region.end);
  const boxes = findBoxes(within).slice(-MAX_BOXES);
  const last = boxes.at(-1);
  if (last === undefined) return undefined;
  let first = boxes.length - 1;
  for (; first > 0; first -= 1) {
    const between = within.slice(boxes[first - 1]?.end, boxes[first]?.start);
    if (between.length > MAX_BETWEEN || !JOINED.test(between) || /[.]\s|\n\s*\n/.test(between)) break;
  }
  const inside = (box: Box) => within.slice(box.innerStart, box.innerEnd).trim();
  const from = boxes[first];
  // A model that repeats its box gives one answer.
  const single = boxes.slice(first).every((box) => inside(box) === inside(last));
  const at = (start: number, end: number) => found(text, region.start + start, region.start + end, 'boxed');
  return from === undefined || single ? at(last.innerStart, last.innerEnd) : at(from.start, last.end);
}
