import { html, type TemplateResult } from 'lit';
import {
  type ColumnId,
  type ColumnLayout,
  columnOf,
  DEFAULT_LAYOUT,
  MAX_WIDTH,
  MIN_WIDTH,
  moveColumn,
  resizeColumn,
  toggleColumn,
} from '../../src/core/review/table/columns.ts';

/** Chooses, orders and resizes the columns by keyboard. */
export function columnsView(
  known: readonly ColumnId[],
  layout: ColumnLayout,
  change: (layout: ColumnLayout) => void,
): TemplateResult {
  const shown = layout.map(({ id }) => id);
  const ids = [...shown, ...known.filter((id) => !shown.includes(id))];
  return html`<h2 tabindex="0">Columns</h2>
    <ul class="column-list">
      ${ids.map((id) => columnView(id, layout, change))}
    </ul>
    <button type="button" class="key-button" @click=${() => change(DEFAULT_LAYOUT)}>Reset</button>`;
}

function columnView(id: ColumnId, layout: ColumnLayout, change: (layout: ColumnLayout) => void): TemplateResult {
  const { title, width } = columnOf(id);
  const at = layout.findIndex((column) => column.id === id);
  const isShown = at >= 0;
  return html`<li>
    <label><input type="checkbox" .checked=${isShown} @change=${() => change(toggleColumn(layout, id))} />${title}</label>
    <input type="number" aria-label="Width of ${title}" min=${MIN_WIDTH} max=${MAX_WIDTH} step="10" ?disabled=${!isShown}
      .value=${String(layout[at]?.width ?? width)}
      @change=${(event: Event) => change(resizeColumn(layout, id, Number((event.target as HTMLInputElement).value) || width))} />
    <button type="button" class="head-button" aria-label="Move ${title} before" ?disabled=${at < 1} @click=${() => change(moveColumn(layout, id, at - 1))}>↑</button>
    <button type="button" class="head-button" aria-label="Move ${title} after" ?disabled=${!isShown || at === layout.length - 1} @click=${() => change(moveColumn(layout, id, at + 2))}>↓</button>
  </li>`;
}
