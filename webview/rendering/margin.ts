import type { Span } from '../../src/core/schemas/index.ts';
import type { BlockView } from './block.ts';
import { stepTops } from './steps.ts';

/** The source of a span: `you` or `hand` for a label by a person. */
export function sourceName({ id, source }: Span, own: readonly string[]): string {
  if (source !== 'human') return source;
  return own.includes(id) ? 'you' : 'hand';
}

/** Labels nearer than this would touch, in pixels. */
export const LABEL_HEIGHT = 20;

/** Maximum number of labels of spans that began before the block. */
const MOST_CONTINUED = 3;

/** Source and version of a span, for its tooltip: `verification, continued, classifier 1a2b3c4d, confidence 0.81`. */
function titleOf({ kind, confidence, version }: Span, from: string, continued: boolean): string {
  const source = version === undefined ? from : `${from} ${version}`;
  const parts = [kind, ...(continued ? ['continued'] : []), source, `confidence ${confidence.toFixed(2)}`];
  return parts.join(', ');
}

/** Adds the labels of a block's spans to its margin; `layoutLabels` moves them to their lines. */
export function fillMargin(block: BlockView, spans: ReadonlyMap<string, Span>, own: readonly string[]): void {
  block.element.querySelector('.labels')?.remove();
  // The parts of a span are marks of their own.
  const ids = new Set(block.marks.flatMap(({ type, id }) => (type === 'span' ? [id] : [])));
  const here = [...ids].flatMap((id) => spans.get(id) ?? []);
  const earlier = here.filter(({ start }) => start < block.start).slice(-MOST_CONTINUED);
  const beginning = here.filter(({ start }) => start >= block.start);
  // A classifier marks single sentences: neighbours of one kind and source share a label.
  const labels = [
    ...earlier.map((span) => label(span, sourceName(span, own), true)),
    ...beginning
      .filter((span, index) => !continues(beginning[index - 1], span))
      .map((span) => label(span, sourceName(span, own), false)),
  ];
  if (labels.length === 0) return;
  const margin = document.createElement('div');
  margin.className = 'labels';
  margin.append(...labels);
  block.element.append(margin);
}

/** Maximum white space between sentences. */
const GAP = 2;

function continues(before: Span | undefined, span: Span): boolean {
  if (before === undefined || before.kind !== span.kind || before.source !== span.source) return false;
  return span.start >= before.end && span.start - before.end <= GAP;
}

/** A label and the box in which it moves. */
function label(span: Span, from: string, continued: boolean): HTMLElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.tabIndex = -1;
  element.className = `label ${span.kind}${continued ? ' continued' : ''}`;
  element.dataset.label = span.id;
  element.title = titleOf(span, from, continued);
  const stroke = document.createElement('span');
  stroke.className = 'stroke';
  const name = document.createElement('span');
  name.className = 'name';
  name.append(span.kind);
  const source = document.createElement('span');
  source.className = 'source';
  source.append(continued ? 'continued' : from);
  element.append(stroke, name, source);
  const reach = document.createElement('div');
  reach.className = 'reach';
  reach.append(element);
  return reach;
}

/**
 * Moves labels beside the first line of their span, without overlaps. A label moves with the screen as far as its span and the next label
 * allow. All blocks are measured before labels are moved, for a single layout.
 */
export function layoutLabels(blocks: Iterable<BlockView>): void {
  const moves: { element: HTMLElement; top: number; height: number }[] = [];
  const steps: ReturnType<typeof stepTops> = [];
  const heights: { block: BlockView; bottom: number }[] = [];
  for (const block of blocks) {
    const labels: { element: HTMLElement; top: number; end: number }[] = [];
    let free = 0;
    for (const element of block.element.querySelectorAll<HTMLElement>('.reach')) {
      const id = element.querySelector<HTMLElement>('.label')?.dataset.label ?? '';
      const runs = block.body.querySelectorAll<HTMLElement>(`[data-span="${CSS.escape(id)}"]`);
      const last = runs[runs.length - 1];
      const top = Math.max(free, runs[0]?.offsetTop ?? 0);
      free = top + LABEL_HEIGHT;
      labels.push({ element, top, end: last === undefined ? free : last.offsetTop + last.offsetHeight });
    }
    labels.forEach(({ element, top, end }, index) => {
      const limit = Math.min(end, labels[index + 1]?.top ?? end);
      moves.push({ element, top, height: Math.max(LABEL_HEIGHT, limit - top) });
    });
    heights.push({ block, bottom: free });
    steps.push(...stepTops(block));
  }
  for (const { element, top, height } of moves) {
    element.style.top = `${top}px`;
    element.style.height = `${height}px`;
  }
  for (const { element, top } of steps) element.style.top = `${top}px`;
  // Otherwise a block clips labels below its last line.
  for (const { block, bottom } of heights) block.element.style.minHeight = bottom > 0 ? `${bottom}px` : '';
}
