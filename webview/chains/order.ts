import { html, nothing, type TemplateResult } from 'lit';
import { columnOf } from '../../src/core/review/table/columns.ts';
import { isSameSort, NAMED_ORDERS, sortedColumn, type TableSort } from '../../src/core/review/table/view.ts';

const TITLES: Readonly<Record<keyof typeof NAMED_ORDERS, string>> = {
  uncertain: 'Uncertain first',
  shortest: 'Shortest first',
  hardest: 'Hardest first',
};
const NAMES = Object.keys(TITLES) as (keyof typeof NAMED_ORDERS)[];

/** Chooses the order of the table and of the review queue. */
export function orderView(sort: TableSort | null, change: (sort: TableSort | null) => void): TemplateResult {
  const named = NAMES.find((name) => isSameSort(NAMED_ORDERS[name], sort));
  const isRandom = sort !== null && 'by' in sort && sort.by === 'random';
  const other = named === undefined ? sortedColumn(sort) : undefined;
  const value = named ?? (isRandom ? 'random' : other === undefined ? 'stored' : 'column');
  const choose = (event: Event): void => {
    const chosen = (event.target as HTMLSelectElement).value;
    if (chosen === 'stored') change(null);
    else if (chosen === 'random') change({ by: 'random', seed: crypto.getRandomValues(new Uint16Array(1))[0] ?? 0 });
    else change(NAMED_ORDERS[NAMES.find((name) => name === chosen) ?? 'shortest']);
  };
  return html`<label class="order"><span class="dim">Order</span>
    <select @change=${choose} .value=${value}>
      <option value="stored" ?selected=${value === 'stored'}>As stored</option>
      ${NAMES.map((name) => html`<option value=${name} ?selected=${value === name}>${TITLES[name]}</option>`)}
      <option value="random" ?selected=${value === 'random'}>${isRandom ? `Random, seed ${sort.seed}` : 'Random'}</option>
      ${other === undefined ? nothing : html`<option value="column" selected>By ${columnOf(other.column).title}</option>`}
    </select></label>`;
}
