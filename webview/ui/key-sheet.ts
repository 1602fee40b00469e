import { html, type TemplateResult } from 'lit';
import { keyLabel } from '../../src/protocol/keys.ts';

/** A row of a key registry, as far as its sheet shows it. */
interface KeyRow {
  readonly keys: readonly string[];
  readonly title: string;
  readonly group: string;
}

/** The keyboard sheet of a registry, by its groups in their order. */
export function keySheet(registry: readonly KeyRow[]): TemplateResult {
  const groups = [...new Set(registry.map(({ group }) => group))];
  return html`
    <h2>Keys</h2>
    <div class="groups">
      ${groups.map(
        (group) => html`<section>
          <h3>${group}</h3>
          <dl>
            ${registry
              .filter((row) => row.group === group)
              .map(
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
