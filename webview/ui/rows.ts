import { html, type TemplateResult } from 'lit';

interface RowLook {
  title?: string;
  look?: string;
}

/** A name and its value as a description list of one entry. */
export function row(name: unknown, value: unknown, { title = '', look = '' }: RowLook = {}): TemplateResult {
  return html`<dl class="row ${look}" title=${title}>
    <dt class="name">${name}</dt>
    <dd class="value">${value}</dd>
  </dl>`;
}

/** A name and its value within a `summary`, where no list is allowed. Screen readers need the space. */
export function summaryRow(name: unknown, value: unknown): TemplateResult {
  return html`<span class="row"><span class="name">${name}</span> <span class="value">${value}</span></span>`;
}
