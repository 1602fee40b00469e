import { type CodeRange, findCode } from './code.ts';
import { findMaths, type MathRange } from './maths.ts';

/** A part of the text that is rendered on its own, in UTF-16 code units. */
export interface Block {
  start: number;
  end: number;
  /** Continues the paragraph of the block before: a very long paragraph was split. */
  continues: boolean;
  /** Lies inside a fenced block that was split, so that it has no fence of its own. */
  code: boolean;
}

/** Maximum length of a block: rendering one must take well under a frame. */
const BLOCK_LIMIT = 2_000;
/** Maximum formulas of a block, for the same reason: published traces have fewer than 24 in each of 3,862 blocks. */
const FORMULA_LIMIT = 24;
/** Maximum length of an unsplit fenced block. */
const CODE_LIMIT = 8_000;

/**
 * Splits a text at blank lines outside maths and fences; longer blocks are split at line ends, else sentence ends, else spaces. Blocks join
 * to the text exactly. Takes linear time.
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
    splitLong(text, start, end, whole, blocks);
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
      // A fence is a block of its own.
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

/** End of the run of blank lines from the line start `at`; `at` without one. */
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
  const first = ranges[indexFrom(ranges, at)];
  return first?.start === at && first.code;
}

/** Index of the first range that starts at or after `at`. */
function indexFrom(ranges: readonly Held[], at: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.start ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A formula or a fence, which is not split at blank lines. */
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

function splitLong(text: string, start: number, end: number, whole: readonly Held[], blocks: Block[]): void {
  const fence = beginsFence(whole, start);
  const limit = fence ? CODE_LIMIT : BLOCK_LIMIT;
  let from = start;
  while (from < end) {
    const units = fence ? limit : Math.min(limit, crowdedAfter(whole, from));
    const to = end - from <= units ? end : splitPoint(text, from, end, units, fence ? [] : whole);
    blocks.push({ start: from, end: to, continues: from > start, code: fence && from > start });
    from = to;
  }
}

/** Code units from `from` to the first formula above the limit. */
function crowdedAfter(whole: readonly Held[], from: number): number {
  return (whole[indexFrom(whole, from) + FORMULA_LIMIT]?.start ?? Number.POSITIVE_INFINITY) - from;
}

/** The best place to split `[from, end)` within `limit` code units: outside formulas, at the strongest boundary. */
function splitPoint(text: string, from: number, end: number, limit: number, whole: readonly Held[]): number {
  const wanted = from + limit;
  const least = from + Math.ceil(limit / 2);
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

/** The formula that a split at `at` would break. */
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
