import { type Block, findMaths, type MathRange, splitBlocks } from '../../src/core/text/index.ts';

/** A block before it has nodes, with offsets in the whole text, and its formulas. */
export interface PlannedBlock {
  block: Block;
  maths: readonly MathRange[];
}

/** Maximum length of a stretch, in UTF-16 code units. */
const STRETCH = 16_000;
/** Text read after a stretch, to find a whole formula: more than the longest formula. */
const LOOKAHEAD = 9_000;
/** Maximum number of blocks in a stretch. */
const MOST_BLOCKS = 100;

/**
 * Splits `[start, end)` of a text into blocks, a stretch at a time, in order and without gaps. The work for a stretch is bounded for any
 * text. Formulas and blocks are within the range.
 */
export function* planStretches(text: string, start: number, end: number): Generator<PlannedBlock[], void> {
  let open: Open = { continues: false, fence: '' };
  for (let from = start; from < end; ) {
    const window = planWindow(text, from, Math.min(end, from + STRETCH + LOOKAHEAD), open);
    const isLast = from + STRETCH + LOOKAHEAD >= end;
    const whole = isLast ? window : window.filter(({ block }) => block.end <= from + STRETCH);
    for (let at = 0; at < whole.length; at += MOST_BLOCKS) yield whole.slice(at, at + MOST_BLOCKS);
    open = openAt(text, whole, window[whole.length], open.fence);
    from = whole.at(-1)?.block.end ?? end;
  }
}

/** What continues after a stretch: a split paragraph, or a fenced block, by its opening fence. */
interface Open {
  continues: boolean;
  fence: string;
}

function openAt(text: string, before: readonly PlannedBlock[], next: PlannedBlock | undefined, fence: string): Open {
  if (next?.block.continues !== true) return { continues: false, fence: '' };
  if (!next.block.code) return { continues: true, fence: '' };
  const first = before.findLast(({ block }) => !block.code)?.block;
  const line = first === undefined ? undefined : /^[ \t]*(`{3,}|~{3,})/.exec(text.slice(first.start, first.end))?.[1];
  return { continues: true, fence: line === undefined ? fence : `${line}\n` };
}

function planWindow(text: string, from: number, to: number, { continues, fence }: Open): PlannedBlock[] {
  const inside = fence + text.slice(from, to);
  const shift = from - fence.length;
  const maths = findMaths(inside);
  let at = 0;
  return splitBlocks(inside, maths).map((range, index) => {
    const first = at;
    while ((maths[at]?.start ?? Number.POSITIVE_INFINITY) < range.end) at += 1;
    const isFirst = index === 0;
    // The fence before the window is not part of its text.
    const block = {
      start: isFirst ? from : range.start + shift,
      end: range.end + shift,
      continues: range.continues || (isFirst && continues),
      code: range.code || (isFirst && fence !== ''),
    };
    return { block, maths: maths.slice(first, at).map((each) => moved(each, shift)) };
  });
}

function moved({ start, end, innerStart, innerEnd, display }: MathRange, by: number): MathRange {
  return { start: start + by, end: end + by, innerStart: innerStart + by, innerEnd: innerEnd + by, display };
}
