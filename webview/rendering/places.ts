import type { BlockView } from './block.ts';
import type { Leaf } from './build.ts';

/** Leaves by node. */
type Leaves = ReadonlyMap<Node, Leaf>;

const known = new WeakMap<BlockView, { list: readonly Leaf[]; map: Leaves }>();

function leavesOf(block: BlockView): Leaves {
  const kept = known.get(block);
  if (kept !== undefined && kept.list === block.leaves) return kept.map;
  const map = new Map(block.leaves.map((leaf): [Node, Leaf] => [leaf.node, leaf]));
  known.set(block, { list: block.leaves, map });
  return map;
}

/**
 * Source offset of a DOM position in a block. @param edge Which end of an atomic node to use. Outside of leaves, the start of the next leaf
 * or the end of the previous one.
 */
export function offsetAt(block: BlockView, node: Node, offset: number, edge: 'start' | 'end'): number {
  const leaves = leavesOf(block);
  for (let at: Node | null = node; at !== null && at !== block.body; at = at.parentNode) {
    const leaf = leaves.get(at);
    if (leaf === undefined) continue;
    if (leaf.node instanceof Text) return Math.min(leaf.start + offset, leaf.end);
    return edge === 'start' ? leaf.start : leaf.end;
  }
  const position = document.createRange();
  position.setStart(node, offset);
  position.collapse(true);
  let before = block.start;
  for (const { node: leaf, start, end } of block.leaves) {
    // comparePoint: the start of the leaf relative to the position.
    if (position.comparePoint(leaf, 0) >= 0) return edge === 'start' ? start : before;
    before = end;
  }
  return edge === 'start' ? block.end : before;
}

/** DOM ranges of `[start, end)` within a block; formulas and text without an exact place are elements. */
export function partsWithin(
  block: BlockView,
  start: number,
  end: number,
): { ranges: Range[]; elements: HTMLElement[] } {
  const ranges: Range[] = [];
  const elements: HTMLElement[] = [];
  for (const leaf of block.leaves) {
    if (leaf.end <= start || leaf.start >= end) continue;
    if (leaf.node instanceof Text) {
      const range = document.createRange();
      range.setStart(leaf.node, Math.max(start, leaf.start) - leaf.start);
      range.setEnd(leaf.node, Math.min(end, leaf.end) - leaf.start);
      ranges.push(range);
    } else {
      elements.push(leaf.node);
    }
  }
  return { ranges, elements };
}

/** DOM position of a source offset, as the start or end of a range; beside a formula. Undefined if the offset is not shown. */
export function positionAt(
  block: BlockView,
  offset: number,
  edge: 'start' | 'end',
): { node: Node; offset: number } | undefined {
  const at = edge === 'start' ? offset : offset - 1;
  const { ranges, elements } = partsWithin(block, at, at + 1);
  const range = document.createRange();
  if (ranges[0] !== undefined) range.setStart(ranges[0].startContainer, ranges[0].startOffset + offset - at);
  else if (elements[0] === undefined) return undefined;
  else if (edge === 'start') range.setStartBefore(elements[0]);
  else range.setStartAfter(elements[0]);
  return { node: range.startContainer, offset: range.startOffset };
}

/** The box of a source offset on the screen; that of the block if the offset is not shown. */
export function boxAt(block: BlockView, offset: number): DOMRect {
  const { ranges, elements } = partsWithin(block, offset, offset + 1);
  const box = ranges[0]?.getBoundingClientRect() ?? elements[0]?.getBoundingClientRect();
  return box !== undefined && box.height > 0 ? box : block.element.getBoundingClientRect();
}
