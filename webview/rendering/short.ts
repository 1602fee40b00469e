import { findMaths, splitBlocks } from '../../src/core/text/index.ts';
import { build } from './build.ts';
import { readBlock } from './markdown.ts';

/** A short text as Markdown with maths, rendered at once. Model text becomes text nodes only. */
export function markdown(text: string): HTMLElement {
  const element = document.createElement('div');
  const found = findMaths(text);
  for (const { start, end } of splitBlocks(text, found)) {
    const work = build(readBlock(text, start, end, found), text, []);
    let step = work.next();
    while (step.done !== true) step = work.next();
    element.append(...step.value.nodes);
  }
  return element;
}
