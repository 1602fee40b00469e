import { html, type TemplateResult } from 'lit';

/** A line of the facts: a name at the left, its value at the right. The space between is for those who hear it as one. */
export function row(name: unknown, value: unknown, rest: { title?: string; look?: string } = {}): TemplateResult {
  return html`<div class="row ${rest.look ?? ''}" title=${rest.title ?? ''}>
    <span class="name">${name}</span> <span class="value">${value}</span>
  </div>`;
}
