import { html, type TemplateResult } from 'lit';
import { BEHAVIOURS } from '../../src/core/model/index.ts';
import { CALIBRATE_KEYS } from '../../src/protocol/calibrate.ts';
import { keyLabel } from '../../src/protocol/keys.ts';
import { DEFINITIONS, RULES } from './definitions.ts';
import { keyOf } from './keys.ts';

export function keysView(): TemplateResult {
  const groups = [...new Set(CALIBRATE_KEYS.map(({ group }) => group))];
  return html`
    <h2>Keys</h2>
    <div class="groups">
      ${groups.map(
        (group) => html`<section>
          <h3>${group}</h3>
          <dl>
            ${CALIBRATE_KEYS.filter((entry) => entry.group === group).map(
              ({ keys, title }) => html`<div>
                <dt>${keys.map((key) => html`<kbd>${keyLabel(key)}</kbd>`)}</dt>
                <dd>${title}</dd>
              </div>`,
            )}
          </dl>
        </section>`,
      )}
    </div>
  `;
}

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
