// @vitest-environment happy-dom
import '../../unit/rendering/standards-mode.ts';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Span } from '../../../src/core/schemas/index.ts';
import { findMaths, splitBlocks } from '../../../src/core/text/index.ts';
import { TextColumn } from '../../../webview/rendering/column.ts';
import { readBlock, type Shown } from '../../../webview/rendering/markdown.ts';
import { Marks, marksOf } from '../../../webview/rendering/marks.ts';
import { MOST_NEAR } from '../../../webview/rendering/near-limit.ts';
import { planStretches } from '../../../webview/rendering/plan-stretches.ts';
import { markdown } from '../../../webview/rendering/short.ts';
import { Slices } from '../../../webview/rendering/slices.ts';
import { TraceView } from '../../../webview/rendering/trace.ts';
import { rendered } from '../../unit/rendering/dom.ts';
import { absent, rows, sharedData } from '../../unit/text/shared.ts';

const LENGTH = 2_000_000;
const WHOLE = { places: true, rendered: LENGTH };

/** Units that, repeated, cost a parser or a layout most. */
const UNITS = [
  ...['$', '\\(', '\\[', '*', '**a ', '[', '`', '``a`', '$x$', '$x$ ', '\\boxed{5}', '\\boxed{', '\\begin{align}'],
  ...['a\n\n', 'a\n', 'a', '\n', '```\n', '~~~\n', '\\', '|a', '- ', '+ ', '1. ', '> ', '  - a\n', '|a|\n|-|\n|b|\n'],
  ...['$x$\n\n', '# ', '😀', ' ', '_*', '&amp;', '```\n$x$\n'],
];
const hostile = (unit: string, length = LENGTH): string => unit.repeat(Math.floor(length / unit.length));

const NEAR = { places: true, rendered: 0 };

/** What the browser reports when an element comes near the screen, or when layout starts to skip it. */
function visibility(skipped: boolean): Event {
  return Object.assign(new Event('contentvisibilityautostatechange', { bubbles: true }), { skipped });
}

/** Elements and texts below a node. */
function nodesIn(root: Node): number {
  let count = 0;
  for (const open = [root]; open.length > 0; ) {
    const node = open.pop();
    if (node === undefined) continue;
    count += 1;
    open.push(...node.childNodes);
  }
  return count;
}

const elementsIn = (root: Element): number => root.getElementsByTagName('*').length;

describe('planning', () => {
  test.each(UNITS)('2 MB of %j is planned in stretches of bounded length, without gaps', (unit) => {
    const text = hostile(unit, 200_000);
    let at = 0;
    for (const blocks of planStretches(text, 0, text.length)) {
      expect(blocks.length).toBeLessThanOrEqual(100);
      const start = at;
      for (const { block, maths } of blocks) {
        expect(block.start).toBe(at);
        expect(block.end - block.start).toBeLessThanOrEqual(10_000);
        expect(maths.length).toBeLessThanOrEqual(24);
        at = block.end;
      }
      expect(at - start).toBeLessThanOrEqual(25_000);
    }
    expect(at).toBe(text.length);
  });

  const part = fc.constantFrom(
    'Some words of prose. ',
    '$x$ ',
    '\n\n',
    '\\[ a \\]\n',
    '- item\n',
    'It costs $5. ',
    '\\(y\\), ',
  );
  test('gives the same blocks and formulas as a single pass over a long ordinary text', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 4_000, maxLength: 8_000 }), (parts) => {
        const text = parts.join('');
        const maths = findMaths(text);
        const planned = [...planStretches(text, 0, text.length)].flat();
        expect(planned.flatMap((one) => one.maths)).toEqual(maths);
        expect(planned.map(({ block }) => block)).toEqual(splitBlocks(text, maths));
      }),
      { numRuns: 10 },
    );
  });

  test.skipIf(!sharedData)(`of real traces too${sharedData ? '' : ` (skipped: ${absent})`}`, () => {
    for (const { trace } of rows('traces/thought_anchors_math.jsonl')) {
      const text = String(trace);
      const maths = findMaths(text);
      const planned = [...planStretches(text, 0, text.length)].flat();
      expect(planned.flatMap((one) => one.maths)).toEqual(maths);
      expect(planned.map(({ block }) => block)).toEqual(splitBlocks(text, maths));
    }
  });

  test('a fence that spans several stretches is code to its end', () => {
    const text = `\`\`\`\n${'a line with $x$ in it\n'.repeat(3_000)}\`\`\`\n\nThen $y$.`;
    const planned = [...planStretches(text, 0, text.length)].flat();
    expect(planned.flatMap((one) => one.maths).map(({ start, end }) => text.slice(start, end))).toEqual(['$y$']);
    expect(planned.slice(1, -1).every(({ block }) => block.code)).toBe(true);
  });
});

describe('a text of 2 MB', () => {
  test.each(UNITS)('of %j makes few nodes initially and few in each step', (unit) => {
    const text = hostile(unit);
    const element = document.createElement('div');
    const column = new TextColumn(text, element, [{ element, start: 0, end: text.length }], new Marks([]));
    expect(nodesIn(element)).toBeLessThan(1_000);
    // The first screen is rendered before any work is done.
    const words = (whole: string): string => whole.replace(/\s+/g, '').slice(0, 200);
    expect(words(text).startsWith(words(element.textContent))).toBe(true);
    let nodes = nodesIn(element);
    // A stop after any step leaves nothing behind: work is only done on request.
    for (let step = 0; step < 40; step += 1) {
      const work = column.work({ places: true, rendered: 8_000 });
      for (let more = work?.next().done === false; more; more = work?.next().done === false) {
        const now = nodesIn(element);
        expect(now - nodes).toBeLessThan(5_000);
        nodes = now;
      }
      if (work === undefined) break;
    }
  });

  test('with only line ends lays out no empty lines, before and after a stretch is opened', () => {
    const text = hostile('\n', 60_000);
    const element = document.createElement('div');
    const column = new TextColumn(text, element, [{ element, start: 0, end: text.length }], new Marks([]));
    for (let work = column.work(NEAR); work !== undefined; work = column.work(NEAR)) while (!work.next().done);
    expect(element.textContent).toBe('');
  });

  test('whose answers are all graded late is not rendered again in one step', () => {
    const text = '\\boxed{5}\n\n'.repeat(300);
    const element = document.createElement('div');
    const column = new TextColumn(text, element, [{ element, start: 0, end: text.length }], new Marks([]));
    const reach = { places: true, rendered: text.length };
    const workAll = (): number => {
      let renderings = 0;
      column.onRendered = () => {
        renderings += 1;
      };
      for (let work = column.work(reach); work !== undefined; work = column.work(reach))
        while (work.next().done !== true);
      return renderings;
    };
    workAll();
    const blocks = column.blocks.length;
    expect(blocks).toBeGreaterThan(100);
    let atOnce = 0;
    column.onRendered = () => {
      atOnce += 1;
    };
    const graded = [...text.matchAll(/\\boxed\{5\}/g)].map(({ index: start }) => ({ start, end: start + 9 }));
    const correct = { answer: '5', how: 'boxed', outcome: 'correct' } as const;
    column.setMarks(
      new Marks(
        marksOf(
          [],
          graded.map((place) => ({ ...place, ...correct })),
        ),
      ),
    );
    expect(atOnce).toBeLessThanOrEqual(8);
    expect(workAll()).toBe(blocks - atOnce);
    expect(element.querySelectorAll('mark')).toHaveLength(300);
  });

  /** Works until all is done, with a paint whenever the slices wait for one. Returns the most elements added between two paints. */
  async function mostPerPaint(column: TextColumn, root: Element): Promise<number> {
    const frames: FrameRequestCallback[] = [];
    vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame));
    const slices = new Slices();
    const elements = () => elementsIn(root);
    let most = 0;
    let isDone = false;
    let before = elements();
    slices.add(0, () => {
      const work = column.work(NEAR);
      isDone = work === undefined;
      return work;
    });
    for (let turn = 0; turn < 20_000 && !isDone; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve));
      most = Math.max(most, elements() - before);
      if (frames.length === 0) continue;
      before = elements();
      for (const frame of frames.splice(0)) frame(0);
    }
    vi.unstubAllGlobals();
    expect(isDone).toBe(true);
    return Math.max(most, elements() - before);
  }

  test.each(['\\boxed{5}', '$x$ ', '$x$\n\n', '\\[\\frac12\\]\n\n'])(
    'of %j adds few elements near the screen between two paints',
    async (unit) => {
      const element = document.createElement('div');
      const text = hostile(unit, 10_000);
      const column = new TextColumn(text, element, [{ element, start: 0, end: text.length }], new Marks([]));
      for (const work = column.work(NEAR); work?.next().done === false; );
      for (const { element: block } of column.blocks.slice(0, 6)) block.dispatchEvent(visibility(false));
      expect(await mostPerPaint(column, element)).toBeLessThan(2_000);
      expect(column.blocks.slice(0, 6).every(({ done }) => done)).toBe(true);
    },
    60_000,
  );

  test('has a limited number of elements near the screen, with visible ones first', async () => {
    const seen: Element[] = [];
    let report: IntersectionObserverCallback = () => undefined;
    class Observer {
      constructor(callback: IntersectionObserverCallback) {
        report = callback;
      }
      observe(target: Element): void {
        seen.push(target);
      }
      unobserve(): void {}
    }
    vi.stubGlobal('IntersectionObserver', Observer);
    const element = document.createElement('div');
    const text = hostile('$x$ ', 20_000);
    const column = new TextColumn(text, element, [{ element, start: 0, end: text.length }], new Marks([]));
    const workAll = (): void => {
      for (let work = column.work(NEAR); work !== undefined; work = column.work(NEAR)) while (!work.next().done);
    };
    workAll();
    for (const stretch of element.querySelectorAll('.stretch')) stretch.dispatchEvent(visibility(false));
    workAll();
    const blocks = column.blocks;
    expect(blocks.length).toBeGreaterThan(100);
    for (const { element: block } of blocks) block.dispatchEvent(visibility(false));
    workAll();
    const rendered = (): number => blocks.reduce((sum, each) => sum + (each.done ? each.elements : 0), 0);
    expect(rendered()).toBeLessThanOrEqual(MOST_NEAR);
    expect(rendered()).toBeGreaterThan(MOST_NEAR / 2);
    expect(blocks.at(-1)?.done).toBe(false);
    expect(seen).toHaveLength(blocks.length);
    // The text was scrolled to its end: visible parts replace parts off the screen.
    const screen = blocks.slice(-10);
    const entries = screen.map(({ element: target }) => ({ target, isIntersecting: true }));
    report(entries as unknown as IntersectionObserverEntry[], {} as IntersectionObserver);
    workAll();
    expect(screen.every(({ done }) => done)).toBe(true);
    expect(blocks[0]?.done).toBe(false);
    expect(rendered()).toBeLessThanOrEqual(MOST_NEAR);
    expect(blocks[0]?.body.textContent).toContain('$x$ $x$');
    // Parts far off the screen are replaced by their source.
    for (const { element: block } of screen) block.dispatchEvent(visibility(true));
    expect(elementsIn(element)).toBeLessThan(3 * blocks.length);
    vi.unstubAllGlobals();
  });

  test.each(['\\boxed{5}', '\\boxed{5} ', '$x$ ', '$x$\n\n', '\\[\\frac12\\]\n\n'])(
    'of %j has few elements in each place that was never near the screen',
    (unit) => {
      const element = document.createElement('div');
      const text = hostile(unit, 10_000);
      const column = new TextColumn(text, element, [{ element, start: 0, end: text.length }], new Marks([]));
      for (let work = column.work(WHOLE); work !== undefined; work = column.work(WHOLE)) while (!work.next().done);
      const sizes = column.blocks.map((block) => ({ elements: elementsIn(block.body), height: block.estimate }));
      for (let first = 0; first < sizes.length; first += 1) {
        let [elements, height] = [0, 0];
        for (let at = first; at < sizes.length && height < 3_300; at += 1) {
          elements += sizes[at]?.elements ?? 0;
          height += sizes[at]?.height ?? 0;
        }
        expect(elements).toBeLessThan(6_000);
      }
    },
    60_000,
  );

  test('of many short paragraphs is rendered in part, and no element has more than 100 child elements', () => {
    const element = document.createElement('div');
    const text = hostile('a\n\n', 100_000);
    const column = new TextColumn(text, element, [{ element, start: 0, end: text.length }], new Marks([]));
    for (let work = column.work(WHOLE); work !== undefined; work = column.work(WHOLE)) while (!work.next().done);
    expect(column.blocks.length).toBeLessThanOrEqual(10_100);
    const widths = [element, ...element.querySelectorAll('*')].map(({ childElementCount }) => childElementCount);
    expect(Math.max(...widths)).toBeLessThanOrEqual(100);
  });

  test('is not rendered whole by a problem text, a card or an excerpt', () => {
    expect(nodesIn(markdown(hostile('$x$\n\n')))).toBeLessThan(1_000);
    expect(nodesIn(markdown(hostile('$x$ ', 2_000)))).toBeLessThan(1_000);
  });
});

describe('nesting', () => {
  const depthOf = (shown: readonly Shown[]): number =>
    1 + Math.max(0, ...shown.map((node) => (node.type === 'element' ? depthOf(node.children) : 0)));

  test('of Markdown is limited to about 30 elements, and the text is still shown', () => {
    const indented = Array.from({ length: 60 }, (_, level) => `${'  '.repeat(level)}- item ${level}`).join('\n');
    for (const text of [...UNITS.map((unit) => hostile(unit, 2_000)), indented]) {
      expect(depthOf(readBlock(text, 0, text.length, findMaths(text))), text.slice(0, 20)).toBeLessThan(32);
    }
    expect(rendered(indented).element.textContent).toContain('item 59');
  });

  test('of overlapping spans wraps a text in a bounded number of elements', () => {
    const span = (index: number): Span => ({
      id: String(index),
      kind: 'subgoal',
      start: 0,
      end: 5_000 - index,
      source: 'rule',
      confidence: 1,
    });
    const text = 'word '.repeat(1_000);
    const spans = Array.from({ length: 3_000 }, (_, index) => span(index));
    const segments = [{ piece: 'trace' as const, start: 0, end: text.length, train: true }];
    const trace = new TraceView({ text, segments, spans, candidates: [], own: [], steps: [] });
    for (const block of trace.blocks) {
      block.renderNow();
      for (const { node } of block.leaves) {
        let depth = 0;
        for (let at: Node | null = node; at !== null && at !== block.body; at = at.parentNode) depth += 1;
        expect(depth).toBeLessThan(12);
      }
    }
  });
});
