import { type CodeRange, findCode } from './code.ts';
import { findMaths, type MathRange } from './maths.ts';

/** A stretch of the text that is painted and rendered on its own, in UTF-16 code units. */
export interface Block {
  start: number;
  end: number;
  /** It goes on with the paragraph of the block before: a very long paragraph was cut. */
  continues: boolean;
  /** It lies inside a fenced block that was cut: no fence of its own says that it is code. */
  code: boolean;
}

/** Longest block before it is cut: rendering one block must stay well under a frame. */
const BLOCK_LIMIT = 2_000;
/** Longest fenced block that is kept whole. */
const CODE_LIMIT = 8_000;

/**
 * Splits a text at blank lines that are neither in maths nor in a fence; blocks longer than a limit are cut at line ends,
 * else sentence ends, else spaces. Blocks join to the text exactly. Linear in the length of the text.
 */
export function splitBlocks(text: string, maths: readonly MathRange[] = findMaths(text)): Block[] {
  const whole = heldRanges(
    maths,
    findCode(text).filter(({ block }) => block),
  );
  const blocks: Block[] = [];
  let start = 0;
  const emit = (end: number): void => {
    if (end <= start) return;
    cutLong(text, start, end, whole, blocks);
    start = end;
  };
  let held = 0;
  for (let at = 0; at < text.length; ) {
    while ((whole[held]?.end ?? Number.POSITIVE_INFINITY) <= at) held += 1;
    const inside = whole[held];
    const newline = text.indexOf('\n', at);
    if (newline < 0) break;
    if (inside !== undefined && inside.start < newline && inside.end > newline) {
      at = inside.end;
      // A fence stands alone, what comes before and behind it is a block of its own.
      if (inside.code) emit(endOfBlankLines(text, at));
      at = Math.max(at, start);
      continue;
    }
    const line = newline + 1;
    at = line;
    const next = endOfBlankLines(text, line);
    if (next > line || beginsFence(whole, line)) {
      emit(next);
      at = next;
    }
  }
  emit(text.length);
  return blocks;
}

/** End of the run of blank lines that begins at `at`, which is the beginning of a line; `at` when there is none. */
function endOfBlankLines(text: string, at: number): number {
  let end = at;
  for (let scan = at; scan < text.length; scan += 1) {
    const unit = text.charCodeAt(scan);
    if (unit === 0x0a) end = scan + 1;
    else if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0d) return end;
  }
  return text.length;
}

function beginsFence(ranges: readonly Held[], at: number): boolean {
  const first = firstFrom(ranges, at);
  return first?.start === at && first.code;
}

/** The first range that begins at or behind `at`. */
function firstFrom(ranges: readonly Held[], at: number): Held | undefined {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.start ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return ranges[low];
}

/** A formula or a fence, which no blank line splits. */
interface Held {
  start: number;
  end: number;
  code: boolean;
}

function heldRanges(maths: readonly MathRange[], code: readonly CodeRange[]): Held[] {
  const held = [
    ...maths.map(({ start, end }) => ({ start, end, code: false })),
    ...code.map(({ start, end }) => ({ start, end, code: true })),
  ];
  return held.sort((a, b) => a.start - b.start);
}

function cutLong(text: string, start: number, end: number, whole: readonly Held[], blocks: Block[]): void {
  const fence = beginsFence(whole, start);
  const limit = fence ? CODE_LIMIT : BLOCK_LIMIT;
  let from = start;
  while (from < end) {
    const to = end - from <= limit ? end : cutPoint(text, from, end, limit, fence ? [] : whole);
    blocks.push({ start: from, end: to, continues: from > start, code: fence && from > start });
    from = to;
  }
}

/** The best place to cut `[from, end)` at or before `limit` code units: outside formulas, at the strongest boundary. */
function cutPoint(text: string, from: number, end: number, limit: number, whole: readonly Held[]): number {
  const wanted = from + limit;
  const least = from + limit / 2;
  for (const boundary of [/\n/, /[.!?。！？]["')\]]?\s/, /\s/]) {
    const at = lastBoundary(text, least, wanted, boundary, whole);
    if (at !== undefined) return at;
  }
  const formula = holding(whole, wanted);
  if (formula !== undefined) return formula.start > from ? formula.start : Math.min(formula.end, end);
  const low = text.charCodeAt(wanted);
  return low >= 0xdc00 && low <= 0xdfff ? wanted + 1 : wanted;
}

function lastBoundary(
  text: string,
  least: number,
  wanted: number,
  boundary: RegExp,
  whole: readonly Held[],
): number | undefined {
  const window = text.slice(least, wanted);
  const pattern = new RegExp(boundary.source, 'g');
  let best: number | undefined;
  for (const match of window.matchAll(pattern)) {
    const at = least + match.index + match[0].length;
    if (holding(whole, at) === undefined) best = at;
  }
  return best;
}

/** The formula that a cut at `at` would split. */
function holding(whole: readonly Held[], at: number): Held | undefined {
  let low = 0;
  let high = whole.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((whole[middle]?.end ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  const range = whole[low];
  return range !== undefined && range.start < at && at < range.end ? range : undefined;
}
