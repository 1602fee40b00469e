import './standards-mode.ts';
import type { Span } from '../../../src/core/schemas/index.ts';
import { findMaths } from '../../../src/core/text/index.ts';
import type { Candidate } from '../../../src/protocol/review.ts';
import { type Built, build } from '../../../webview/rendering/build.ts';
import { readBlock } from '../../../webview/rendering/markdown.ts';
import { marksOf } from '../../../webview/rendering/marks.ts';

/** A text as one rendered block; the document comes from the test's environment. */
export function rendered(
  text: string,
  spans: Span[] = [],
  candidates: Candidate[] = [],
): { element: HTMLElement; leaves: Built['leaves'] } {
  const work = build(readBlock(text, 0, text.length, findMaths(text)), text, marksOf(spans, candidates));
  let step = work.next();
  while (step.done !== true) step = work.next();
  const element = document.createElement('div');
  element.append(...step.value.nodes);
  document.body.replaceChildren(element);
  return { element, leaves: step.value.leaves };
}
