import { html, nothing, type TemplateResult } from 'lit';
import type { CalibrateItem } from '../../src/protocol/calibrate.ts';
import { markdown } from '../rendering/short.ts';
import { keyOf } from './keys.ts';

/** Cached by sentence and context, so that a toggled kind does not typeset formulas again. */
let rendered: { key: string; problem: Node; before: Node; sentence: Node; after: Node } | undefined;

/** The sentence with the problem and the text around it. */
export function sentenceView(item: CalibrateItem): TemplateResult {
  const { excerpt, problem } = item;
  const key = `${item.sentence} ${excerpt.before.length}`;
  if (rendered?.key !== key) {
    rendered = {
      key,
      problem: markdown(problem.problem),
      before: markdown(excerpt.before.trimEnd()),
      sentence: markdown(excerpt.sentence),
      after: markdown(excerpt.after.trim()),
    };
  }
  const nodes = rendered;
  return html`<article class="excerpt trace">
    <section class="problem" aria-label="Problem"><h2>Problem</h2><div class="body">${nodes.problem}</div></section>
    <section class="around" aria-label="Text before">
      ${excerpt.cut ? html`<p class="cut">earlier text is hidden; <kbd>${keyOf('context')}</kbd> shows more</p>` : nothing}
      <div class="body">${nodes.before}</div>
    </section>
    <section class="target" tabindex="-1" aria-label="Sentence to label">
      <div class="body">${nodes.sentence}</div>
    </section>
    <section class="around" aria-label="Text behind"><div class="body">${nodes.after}</div></section>
  </article>`;
}

/** The label for screen readers. */
export function spokenLabel(label: CalibrateItem['label']): string {
  if (label === null) return 'No label.';
  if (label === 'skipped') return 'Skipped.';
  return label.length === 0 ? 'None of the four.' : `${label.join(', ')}.`;
}
