import type { Span } from '../../src/core/model/index.ts';
import type { BlockView } from './block.ts';

/** Where a span's label comes from, as it is read beside it: by hand is you, or whoever made the chain. */
export function sourceWord({ id, source }: Span, own: readonly string[]): string {
  if (source !== 'human') return source;
  return own.includes(id) ? 'you' : 'hand';
}

/** Labels nearer than this would touch, in pixels. */
const LABEL_HEIGHT = 20;

/** Puts the labels of the spans that begin in a block into its margin; `layoutLabels` moves them to their lines. */
export function fillMargin(block: BlockView, spans: ReadonlyMap<string, Span>, own: readonly string[]): void {
  block.element.querySelector('.labels')?.remove();
  const beginning = block.beginning.flatMap(({ type, id }) => {
    const span = type === 'span' ? spans.get(id) : undefined;
    return span === undefined ? [] : [span];
  });
  // A detector marks sentence by sentence: neighbours of one kind and source read as one episode and share a label.
  const labels = beginning
    .filter((span, index) => !continues(beginning[index - 1], span))
    .map((span) => label(span, sourceWord(span, own)));
  if (labels.length === 0) return;
  const margin = document.createElement('div');
  margin.className = 'labels';
  margin.append(...labels);
  block.element.append(margin);
}

/** White space between sentences, and a line end, at most. */
const GAP = 2;

function continues(before: Span | undefined, span: Span): boolean {
  if (before === undefined || before.kind !== span.kind || before.source !== span.source) return false;
  return span.start >= before.end && span.start - before.end <= GAP;
}

function label(span: Span, from: string): HTMLElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.tabIndex = -1;
  element.className = `label ${span.kind}`;
  element.dataset.label = span.id;
  element.title = `${span.kind}, ${from}, confidence ${span.confidence.toFixed(2)}`;
  const stroke = document.createElement('span');
  stroke.className = 'stroke';
  const name = document.createElement('span');
  name.className = 'name';
  name.append(span.kind);
  const source = document.createElement('span');
  source.className = 'source';
  source.append(from);
  element.append(stroke, name, source);
  return element;
}

/**
 * Moves labels beside the first line of their span, and apart where they would touch. All blocks are measured before any
 * label is moved: one layout for all.
 */
export function layoutLabels(blocks: Iterable<BlockView>): void {
  const moves: { element: HTMLElement; top: number }[] = [];
  const heights: { block: BlockView; bottom: number }[] = [];
  for (const block of blocks) {
    let free = 0;
    for (const element of block.element.querySelectorAll<HTMLElement>('.label')) {
      const id = element.dataset.label ?? '';
      const run = block.body.querySelector<HTMLElement>(`[data-span="${CSS.escape(id)}"]`);
      const top = Math.max(free, run === null ? 0 : run.offsetTop);
      free = top + LABEL_HEIGHT;
      moves.push({ element, top });
    }
    heights.push({ block, bottom: free });
  }
  for (const { element, top } of moves) element.style.top = `${top}px`;
  // A block whose labels reach below its last line would clip them.
  for (const { block, bottom } of heights) block.element.style.minHeight = bottom > 0 ? `${bottom}px` : '';
}
