import type { Place } from '../../../src/core/review/index.ts';
import { partsWithin } from '../../rendering/places.ts';
import type { TraceView } from '../../rendering/trace.ts';

/** The space between the text and the ring, in pixels. */
const GAP = 2;
const SVG = 'http://www.w3.org/2000/svg';

interface Line {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** An outline around a part of the text. It is drawn over the text and does not change its nodes. */
export class Ring {
  readonly #element = document.createElementNS(SVG, 'svg');

  constructor() {
    this.#element.setAttribute('class', 'sentence-ring');
    // The announcer reads the sentence.
    this.#element.setAttribute('aria-hidden', 'true');
  }

  hide(): void {
    this.#element.remove();
  }

  /** Outlines the blocks of the place that are within one screen of the scroller's window. */
  show(trace: TraceView, { start, end }: Place, scroller: HTMLElement): void {
    const origin = trace.element.getBoundingClientRect();
    const screen = scroller.getBoundingClientRect();
    const paths = trace.blocksWithin(start, end).flatMap((block) => {
      const box = block.element.getBoundingClientRect();
      if (box.bottom < screen.top - screen.height || box.top > screen.bottom + screen.height) return [];
      const { ranges, elements } = partsWithin(block, start, end);
      const rects = [
        ...ranges.flatMap((range) => [...range.getClientRects()]),
        ...elements.map((element) => element.getBoundingClientRect()),
      ];
      return pathElement(outline(linesOf(rects), origin.left, origin.top));
    });
    this.#element.replaceChildren(...paths);
    if (this.#element.parentElement !== trace.element) trace.element.append(this.#element);
  }
}

/** Groups boxes into lines: boxes that overlap by half of their height are in one line. */
export function linesOf(rects: readonly Line[]): Line[] {
  const lines: Line[] = [];
  const sorted = [...rects].filter(({ left, right }) => right > left).sort((a, b) => a.top - b.top);
  for (const { left, right, top, bottom } of sorted) {
    const line = lines.at(-1);
    const shared = line === undefined ? 0 : Math.min(line.bottom, bottom) - Math.max(line.top, top);
    if (line === undefined || shared < Math.min(line.bottom - line.top, bottom - top) / 2) {
      lines.push({ left, right, top, bottom });
      continue;
    }
    line.left = Math.min(line.left, left);
    line.right = Math.max(line.right, right);
    line.top = Math.min(line.top, top);
    line.bottom = Math.max(line.bottom, bottom);
  }
  return lines;
}

/** An SVG path around lines from top to bottom, relative to an origin. */
export function outline(lines: readonly Line[], x: number, y: number): string {
  const boxes = lines.map(({ left, right, top, bottom }, index) => {
    const above = lines[index - 1];
    const below = lines[index + 1];
    return {
      left: left - x - GAP,
      right: right - x + GAP,
      // Neighbouring lines share a border.
      top: (above === undefined ? top - GAP : (above.bottom + top) / 2) - y,
      bottom: (below === undefined ? bottom + GAP : (bottom + below.top) / 2) - y,
    };
  });
  const down = boxes.flatMap(({ right, top, bottom }) => [`${right} ${top}`, `${right} ${bottom}`]);
  const up = boxes.toReversed().flatMap(({ left, top, bottom }) => [`${left} ${bottom}`, `${left} ${top}`]);
  return boxes.length === 0 ? '' : `M${[...down, ...up].join('L')}Z`;
}

function pathElement(d: string): SVGElement {
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', d);
  return path;
}
