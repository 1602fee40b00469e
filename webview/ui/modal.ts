import { html, render, type TemplateResult } from 'lit';
import { keyLabel } from '../../src/protocol/keys.ts';

/** A modal dialog; Esc and a click outside close it. */
export class Modal {
  readonly element = document.createElement('dialog');

  constructor(parent: HTMLElement, className: string) {
    this.element.className = className;
    this.element.addEventListener('click', (event) => {
      if (event.target === this.element) this.element.close();
    });
    parent.append(this.element);
  }

  open(content: TemplateResult): void {
    render(content, this.element);
    if (!this.element.open) this.element.showModal();
  }
}

interface KeyRow {
  readonly keys: readonly string[];
  readonly title: string;
  readonly group: string;
}

/** The keyboard sheet of a registry, by groups. The title gets the focus, so that a long sheet opens at its top. */
export function keySheet(registry: readonly KeyRow[]): TemplateResult {
  const groups = [...new Set(registry.map(({ group }) => group))];
  return html`
    <h2 tabindex="0">Keys</h2>
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
