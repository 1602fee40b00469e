import type { Segment } from '../../src/core/model/index.ts';
import { type Block, findMaths, type MathRange, splitBlocks } from '../../src/core/text/index.ts';
import type { Mark } from './marks.ts';

/** A block before it has nodes: where it stands, in the whole text, and which formulas it holds. */
export interface PlannedBlock {
  block: Block;
  maths: readonly MathRange[];
}

/** A piece with its blocks, in order. */
interface PlannedPiece {
  segment: Segment;
  blocks: PlannedBlock[];
}

/** Splits a chain's text into pieces and blocks. Formulas and blocks never reach from one piece into the next. */
export function planPieces(text: string, segments: readonly Segment[]): PlannedPiece[] {
  return segments.map((segment) => {
    const inside = text.slice(segment.start, segment.end);
    const maths = findMaths(inside);
    const placed = maths.map((range) => ({
      ...range,
      start: range.start + segment.start,
      end: range.end + segment.start,
      innerStart: range.innerStart + segment.start,
      innerEnd: range.innerEnd + segment.start,
    }));
    let from = 0;
    const blocks = splitBlocks(inside, maths).map((range) => {
      const block = { ...range, start: range.start + segment.start, end: range.end + segment.start };
      let to = from;
      while ((placed[to]?.start ?? Number.POSITIVE_INFINITY) < block.end) to += 1;
      const held = placed.slice(from, to);
      from = to;
      return { block, maths: held };
    });
    return { segment, blocks };
  });
}

/** For every block the marks that reach into it, in their order. Linear in blocks and marks, but for a search per mark. */
export function marksPerBlock(blocks: readonly { start: number; end: number }[], marks: readonly Mark[]): Mark[][] {
  const perBlock: Mark[][] = blocks.map(() => []);
  for (const mark of marks) {
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((blocks[middle]?.end ?? 0) <= mark.start) low = middle + 1;
      else high = middle;
    }
    for (let index = low; (blocks[index]?.start ?? Number.POSITIVE_INFINITY) < mark.end; index += 1) {
      perBlock[index]?.push(mark);
    }
  }
  return perBlock;
}
