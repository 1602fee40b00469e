import type { MathRange } from '../../src/core/text/index.ts';
import { formula } from './formula.ts';
import type { Shown } from './markdown.ts';
import { cutByMarks, type Mark } from './marks.ts';

/** A node that stands for `[start, end)` of the source. In an exact one every code unit of the text is one of the source. */
export interface Leaf {
  node: Text | HTMLElement;
  start: number;
  end: number;
}

/** DOM of a block and its leaves in order of the source. */
export interface Built {
  nodes: Node[];
  leaves: Leaf[];
}

/**
 * Builds the nodes of a block. A generator: it pauses before every formula, so that a block of many formulas is no long
 * task. Model text becomes text nodes only.
 */
export function* build(shown: readonly Shown[], source: string, marks: readonly Mark[]): Generator<undefined, Built> {
  const builder = new Builder(source, marks);
  const root = document.createElement('div');
  yield* builder.fill(root, shown);
  return { nodes: [...root.childNodes], leaves: builder.leaves };
}

/** The source of a block as it is written, with its marks. */
export function buildSource(source: string, start: number, end: number, marks: readonly Mark[]): Built {
  const builder = new Builder(source, marks);
  const root = document.createElement('pre');
  const run = { start, end, text: source.slice(start, end), exact: true };
  for (const _ of builder.fill(root, [{ type: 'text', run }]));
  return { nodes: [root], leaves: builder.leaves };
}

class Builder {
  readonly leaves: Leaf[] = [];
  readonly #source: string;
  readonly #marks: readonly Mark[];

  constructor(source: string, marks: readonly Mark[]) {
    this.#source = source;
    this.#marks = marks;
  }

  *fill(parent: HTMLElement, shown: readonly Shown[]): Generator<undefined, void> {
    const line = new MarkedLine(parent);
    for (const node of shown) {
      switch (node.type) {
        case 'text':
          this.#text(line, node.run.start, node.run.end, node.run.exact ? undefined : node.run.text);
          break;
        case 'formula':
          yield undefined;
          this.#formula(line, node.maths);
          break;
        case 'break':
          line.add(document.createElement('br'), []);
          break;
        case 'rule':
          line.plain(document.createElement('hr'));
          break;
        case 'element': {
          const element = document.createElement(node.tag);
          if (node.role !== undefined) element.className = `as-${node.role}`;
          if (node.from !== undefined && node.from !== 1) element.setAttribute('start', String(node.from));
          yield* this.fill(element, node.children);
          line.plain(element);
        }
      }
    }
  }

  #text(line: MarkedLine, start: number, end: number, shownAs: string | undefined): void {
    for (const piece of cutByMarks(start, end, this.#marks, shownAs !== undefined)) {
      if (shownAs === undefined) {
        const text = document.createTextNode(this.#source.slice(piece.start, piece.end));
        this.leaves.push({ node: text, start: piece.start, end: piece.end });
        line.add(text, piece.marks);
      } else {
        const decoded = document.createElement('span');
        decoded.append(shownAs);
        this.leaves.push({ node: decoded, start, end });
        line.add(decoded, piece.marks);
      }
    }
  }

  #formula(line: MarkedLine, maths: MathRange): void {
    const { start, end, innerStart, innerEnd, display } = maths;
    const element = formula(this.#source.slice(innerStart, innerEnd), display, this.#source.slice(start, end));
    this.leaves.push({ node: element, start, end });
    const [piece] = cutByMarks(start, end, this.#marks, true);
    line.add(element, piece?.marks ?? []);
    if (display) line.holdsDisplay();
  }
}

/** Children of one element; neighbours under the same marks share their wrappers, so an underline is one line. */
class MarkedLine {
  readonly #parent: HTMLElement;
  #marks: readonly Mark[] = [];
  #inner: HTMLElement;

  constructor(parent: HTMLElement) {
    this.#parent = parent;
    this.#inner = parent;
  }

  plain(node: Node): void {
    this.#open([]);
    this.#parent.append(node);
  }

  add(node: Node, marks: readonly Mark[]): void {
    this.#open(marks);
    this.#inner.append(node);
  }

  /** A box or line around a displayed formula would break around it: the formula gets it instead. */
  holdsDisplay(): void {
    for (let at = this.#inner; at !== this.#parent && at.parentElement !== null; at = at.parentElement) {
      at.classList.add('holds-display');
    }
  }

  #open(marks: readonly Mark[]): void {
    const same = marks.length === this.#marks.length && marks.every((mark, index) => mark === this.#marks[index]);
    if (same) return;
    this.#marks = marks;
    this.#inner = this.#parent;
    for (const mark of marks) {
      const wrapper = document.createElement('span');
      if (mark.type === 'span') {
        wrapper.className = `span ${mark.kind} lane-${mark.lane}`;
        wrapper.dataset.span = mark.id;
      } else {
        wrapper.className = `candidate ${mark.outcome ?? 'ungraded'}`;
        wrapper.dataset.candidate = mark.id;
      }
      this.#inner.append(wrapper);
      this.#inner = wrapper;
    }
  }
}
