import { markdown } from '../rendering/short.ts';

/** Rendered texts by their place, so that formulas are typeset only when the text changes. */
export class Texts {
  readonly #shown = new Map<string, { text: string; node: HTMLElement }>();

  /** The text as Markdown with maths; model text becomes text nodes only. A node has one place. */
  at(place: string, text: string): HTMLElement {
    const known = this.#shown.get(place);
    if (known?.text === text) return known.node;
    const node = markdown(text.trim());
    node.classList.add('body');
    this.#shown.set(place, { text, node });
    return node;
  }
}

/** The streamed text of a call. */
export class Live {
  readonly text = document.createTextNode('');
  readonly reasoning = document.createTextNode('');
}
