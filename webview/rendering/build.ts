import type { MathRange } from '../../src/core/text/index.ts';
import { formula } from './formula.ts';
import type { Shown } from './markdown.ts';
import { type Mark, splitByMarks } from './marks.ts';

/** A node for `[start, end)` of the source. The code units of a text node are those of the source. */
export interface Leaf {
  node: Text | HTMLElement;
  start: number;
  end: number;
}

/** DOM of a block and its leaves in order of the source. */
export interface Built {
  nodes: Node[];
  leaves: Leaf[];
  /** Number of elements in the nodes. */
  elements: number;
}

/**
 * Builds the nodes of a block. A generator that pauses before each formula, to avoid long tasks. Model text becomes text nodes only.
 */
export function* build(shown: readonly Shown[], source: string, marks: readonly Mark[]): Generator<undefined, Built> {
  const builder = new Builder(source, marks);
  const root = document.createElement('div');
  yield* builder.fill(root, shown);
  return { nodes: [...root.childNodes], leaves: builder.leaves, elements: root.getElementsByTagName('*').length };
}

/** The source of a block with its marks. */
export function buildSource(source: string, start: number, end: number, marks: readonly Mark[]): Built {
  const builder = new Builder(source, marks);
  const root = document.createElement('pre');
  const run = { start, end, text: source.slice(start, end), exact: true };
  for (const _ of builder.fill(root, [{ type: 'text', run }]));
  return { nodes: [root], leaves: builder.leaves, elements: root.getElementsByTagName('*').length + 1 };
}

class Builder {
  readonly leaves: Leaf[] = [];
  readonly #source: string;
  readonly #marks: readonly Mark[];
  readonly #named = new Set<string>();

  constructor(source: string, marks: readonly Mark[]) {
    this.#source = source;
    this.#marks = marks;
  }

  *fill(parent: HTMLElement, shown: readonly Shown[]): Generator<undefined, void> {
    const line = new MarkedLine(parent, this.#named);
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
    for (const piece of splitByMarks(start, end, this.#marks, shownAs !== undefined)) {
      if (shownAs === undefined) {
        const text = document.createTextNode(this.#source.slice(piece.start, piece.end));
        this.leaves.push({ node: text, start: piece.start, end: piece.end });
        line.add(text, piece.marks);
      } else {
        const unplaced = document.createElement('span');
        unplaced.append(shownAs);
        this.leaves.push({ node: unplaced, start, end });
        line.add(unplaced, piece.marks);
      }
    }
  }

  #formula(line: MarkedLine, maths: MathRange): void {
    const { start, end, innerStart, innerEnd, display } = maths;
    const element = formula(this.#source.slice(innerStart, innerEnd), display, this.#source.slice(start, end));
    this.leaves.push({ node: element, start, end });
    const [piece] = splitByMarks(start, end, this.#marks, true);
    line.add(element, piece?.marks ?? []);
    if (display) line.holdsDisplay();
  }
}

/** The name of a mark for screen readers: its behaviour, also as an act of it, or the outcome of the answer. */
function nameOf(mark: Mark): string {
  if (mark.type === 'span') return mark.part === 'act' ? `${mark.kind} act` : mark.kind;
  if (mark.outcome === 'correct') return 'right answer';
  return mark.outcome === 'incorrect' ? 'wrong answer' : 'answer, not graded';
}

/** What has one name in a block: a candidate answer, an act, and a span apart from its acts. */
function keyOf(mark: Mark): string {
  return mark.type === 'span' && mark.part === 'act' ? `act ${mark.start}` : `${mark.type} ${mark.id}`;
}

/** Children of one element. Neighbours with the same marks share wrappers, so that an underline is continuous. */
class MarkedLine {
  readonly #parent: HTMLElement;
  /** Marks of the block that have a name already. */
  readonly #named: Set<string>;
  #marks: readonly Mark[] = [];
  #inner: HTMLElement;

  constructor(parent: HTMLElement, named: Set<string>) {
    this.#parent = parent;
    this.#named = named;
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

  /** Moves the box or line of the wrappers to a displayed formula, around which it would break. */
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
      const wrapper = document.createElement('mark');
      if (!this.#named.has(keyOf(mark))) wrapper.dataset.name = nameOf(mark);
      this.#named.add(keyOf(mark));
      if (mark.type === 'span') {
        wrapper.className = `span ${mark.kind} ${mark.part} lane-${mark.lane}`;
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
