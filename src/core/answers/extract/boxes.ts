import { closingBrace } from '../brackets.ts';
import { type ExtractedAnswer, found } from './found.ts';
import type { Region } from './thought.ts';

interface Box {
  /** Where the command begins and where the box ends; `inside` is its content. */
  readonly start: number;
  readonly end: number;
  readonly inside: Region;
}

const BOX = /\\(?:boxed|fbox)(?![a-zA-Z])\s{0,10}|\\begin\{?boxed\}?\s{0,10}/g;
/** More boxes than an honest response has; only the last ones count. */
const MAX_BOXES = 500;
/** Longest text between two boxes of one answer. */
const MAX_BETWEEN = 40;
/** Joining marks and words, rules of marks (`++++`), LaTeX spaces and delimiters, and the name of the next value (`y_2 =`). */
const JOINED =
  /^(?:\s|[,;$.*]|([-+&|/#])\1+(?!\1)|\\$|\\[()[\],;! ]|\\q?quad(?![a-z])|~|(?:[a-z]+ )?and|or|\\text\s*\{[^{}]{0,30}(?:,|\band|\bor)\s*\}|[A-Za-z](?:_\{?\w\}?)?\s*=)*$/;

/** The complete boxes of a region that stand in no other box. */
function completeBoxes(text: string, region: Region): Box[] {
  const boxes: Box[] = [];
  // Where one brace does not close, no brace outside it does: each further scan would run to the end again.
  let unclosed = false;
  let inner = region.start;
  for (const match of text.slice(region.start, region.end).matchAll(BOX)) {
    const start = region.start + match.index;
    const open = start + match[0].length;
    if (start < inner) continue;
    const box = text[open] === '{' ? braced(text, start, open, unclosed) : unbraced(text, start, open, region.end);
    if (box === undefined || box.end > region.end) {
      unclosed ||= text[open] === '{';
      continue;
    }
    inner = box.end;
    boxes.push(box);
    if (boxes.length > MAX_BOXES) boxes.shift();
  }
  return boxes;
}

/** After an unclosed box an inner one may still close, but soon: it is looked for nearby. */
const NEARBY = 2_000;

function braced(text: string, start: number, open: number, unclosed: boolean): Box | undefined {
  const end = unclosed ? open + closingBrace(text.slice(open, open + NEARBY), 0) : closingBrace(text, open);
  return end <= open ? undefined : { start, end, inside: { start: open + 1, end: end - 1 } };
}

/** `\boxed 5`: what stands up to the next space or mark. */
function unbraced(text: string, start: number, open: number, limit: number): Box | undefined {
  const end = open + (/^[^\s${}\\.,;]+/.exec(text.slice(open, Math.min(open + 40, limit)))?.[0].length ?? 0);
  return end === open || text.startsWith('\\begin', start) ? undefined : { start, end, inside: { start: open, end } };
}

/**
 * The last complete box, or the run of boxes that ends with it where only commas, “and” and the like stand between them; then the answer is
 * the whole run with its commands.
 */
export function lastBox(text: string, region: Region): ExtractedAnswer | undefined {
  const boxes = completeBoxes(text, region);
  const last = boxes.at(-1);
  if (last === undefined) return undefined;
  let first = boxes.length - 1;
  for (; first > 0; first -= 1) {
    const between = text.slice(boxes[first - 1]?.end, boxes[first]?.start);
    if (between.length > MAX_BETWEEN || !JOINED.test(between) || /[.]\s|\n\s*\n/.test(between)) break;
  }
  const inside = (box: Box) => text.slice(box.inside.start, box.inside.end).trim();
  const from = boxes[first];
  // A model that repeats its box means one answer.
  const single = boxes.slice(first).every((box) => inside(box) === inside(last));
  if (from === undefined || single) return found(text, last.inside.start, last.inside.end, 'boxed');
  return found(text, from.start, last.end, 'boxed');
}
