import { html, nothing, type TemplateResult } from 'lit';
import { formatPercent } from '../../src/core/text/format.ts';
import type { FromChainsPage, TableReading, UnreadFields } from '../../src/protocol/chains.ts';

const DOING: Record<TableReading['doing'], string> = {
  rows: 'Reading rows',
  grades: 'Grading',
  texts: 'Searching texts',
};

/** How far a file is read; else the fields that it was not read for, with a button that reads them. */
export function readingView(
  reading: TableReading | undefined,
  unread: readonly UnreadFields[],
  channel: { post(message: FromChainsPage): void },
): TemplateResult | typeof nothing {
  if (reading !== undefined) {
    const { doing, share } = reading;
    return html`<div class="head filter-row" role="group" aria-label="Reading">
      <span class="dim" role="status">${DOING[doing]}: ${formatPercent(share, 0)}</span>
      <progress max="1" .value=${share} aria-label=${DOING[doing]}></progress>
      <button type="button" class="head-button" @click=${() => channel.post({ type: 'cancel' })}>Cancel</button>
    </div>`;
  }
  if (unread.length === 0) return nothing;
  return html`<div class="head filter-row" role="group" aria-label="Unknown fields">
    ${unread.map(
      (
        one,
      ) => html`<span class="dim unread" title=${one.fields.join(', ')}>Unknown until the file is ${one.reading === 'rows' ? 'read' : 'graded'}: ${one.fields.join(', ')}</span>
        <button type="button" class="head-button" @click=${() => channel.post({ type: 'read', reading: one.reading })}>
          ${one.reading === 'rows' ? `Read ${one.size}` : `Grade ${one.size}`}
        </button>`,
    )}
  </div>`;
}
