import { html, type TemplateResult } from 'lit';
import { BEHAVIOURS } from '../../src/core/model/index.ts';
import { DEFINITIONS, RULES } from './definitions.ts';
import { keyOf } from './keys.ts';

/** What the guide says, in short. */
export function definitionsView(): TemplateResult {
  return html`
    <h2>What counts</h2>
    <dl class="definitions">
      ${BEHAVIOURS.map(
        (kind) => html`<div>
          <dt><kbd>${keyOf(kind)}</kbd> <span class="kind ${kind}"><span class="stroke"></span>${kind}</span></dt>
          <dd>${DEFINITIONS[kind].is} <span class="dim">${DEFINITIONS[kind].not}</span></dd>
        </div>`,
      )}
    </dl>
    <ul class="rules">
      ${RULES.map((rule) => html`<li>${rule}</li>`)}
    </ul>
    <p class="dim">With examples in docs/annotation-guide.md.</p>
  `;
}
