import { markdown } from '../rendering/short.ts';

/** Longer texts are shown as they are written: rendering them would hold the page. In code units. */
const RENDERED = 60_000;

/** Rendered texts by the place where they stand: a snapshot that changes something else typesets no formula again. */
export class Texts {
  readonly #shown = new Map<string, { text: string; node: HTMLElement }>();

  /** The text as Markdown with maths; model text becomes text nodes only. A node has one place. */
  at(place: string, text: string): HTMLElement {
    const known = this.#shown.get(place);
    if (known?.text === text) return known.node;
    const node = text.length > RENDERED ? asWritten(text) : markdown(text.trim());
    node.classList.add('body');
    this.#shown.set(place, { text, node });
    return node;
  }
}

function asWritten(text: string): HTMLElement {
  const element = document.createElement('div');
  element.className = 'raw';
  element.append(text);
  return element;
}

/** What a call has streamed so far. */
export class Live {
  readonly text = document.createTextNode('');
  readonly reasoning = document.createTextNode('');
}
