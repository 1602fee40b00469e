import { html, nothing, type TemplateResult } from 'lit';
import type { ColumnId } from '../../src/core/review/table/columns.ts';
import type { TableSort } from '../../src/core/review/table/view.ts';
import { formatCount, plural } from '../../src/core/text/format.ts';
import type { ChainsSnapshot } from '../../src/protocol/chains.ts';
import { orderView } from './order.ts';

/** The dataset, how many chains match, their order, and the buttons of views and columns. @param columns Those that are shown. */
export function headView(
  shown: ChainsSnapshot,
  columns: readonly ColumnId[],
  on: { order(sort: TableSort | null): void; views(): void; columns(): void },
): TemplateResult {
  const dialogButton = (label: string, open: () => void) =>
    html`<button type="button" class="head-button" aria-haspopup="dialog" @click=${open}>${label}</button>`;
  return html`<header class="head">
    <h1>Chains</h1>
    <span class="round">${shown.dataset}</span>
    <span class="count">${countText(shown)}</span>
    <span class="grow"></span>
    ${orderView(shown.sort, columns, on.order)}
    ${shown.views === undefined ? nothing : dialogButton('Views…', on.views)}
    ${dialogButton('Columns…', on.columns)}
  </header>`;
}

/** `24 of 5,063 chains` */
export function countText({ total, all }: ChainsSnapshot): string {
  return total === all ? plural(all, 'chain') : `${formatCount(total)} of ${plural(all, 'chain')}`;
}
