import { html, nothing, type TemplateResult } from 'lit';
import { type ColumnId, columnOf } from '../../src/core/review/table/columns.ts';
import { isSameSort, NAMED_ORDERS, sortedColumn, type TableSort } from '../../src/core/review/table/view.ts';

const TITLES: Readonly<Record<keyof typeof NAMED_ORDERS, string>> = {
  uncertain: 'Uncertain first',
  shortest: 'Shortest first',
  hardest: 'Hardest first',
};
const NAMES = Object.keys(TITLES) as (keyof typeof NAMED_ORDERS)[];

/** An order as a sentence. */
export function orderText(sort: TableSort | null): string {
  const column = sortedColumn(sort);
  if (column !== undefined)
    return `Sorted by ${columnOf(column.column).title}, ${column.descending ? 'descending' : 'ascending'}.`;
  if (sort === null) return 'As stored.';
  return 'seed' in sort ? `Random, seed ${sort.seed}.` : `${TITLES.uncertain}.`;
}

/** Chooses the order of the table and of the review queue: one with a name, or a column and its direction. */
export function orderView(
  sort: TableSort | null,
  columns: readonly ColumnId[],
  change: (sort: TableSort | null) => void,
): TemplateResult {
  const named = NAMES.find((name) => isSameSort(NAMED_ORDERS[name], sort));
  const isRandom = sort !== null && 'by' in sort && sort.by === 'random';
  const other = named === undefined ? sortedColumn(sort) : undefined;
  // The sorted column may be hidden.
  const sortable = other === undefined || columns.includes(other.column) ? columns : [...columns, other.column];
  const value = named ?? (isRandom ? 'random' : (other?.column ?? 'stored'));
  const choose = (event: Event): void => {
    const chosen = (event.target as HTMLSelectElement).value;
    if (chosen === 'stored') change(null);
    else if (chosen === 'random') change({ by: 'random', seed: crypto.getRandomValues(new Uint16Array(1))[0] ?? 0 });
    else {
      const order = NAMES.find((name) => name === chosen);
      const column = sortable.find((id) => id === chosen);
      if (order !== undefined) change(NAMED_ORDERS[order]);
      else if (column !== undefined) change({ column, descending: false });
    }
  };
  return html`<label class="order"><span class="dim">Order</span>
    <select @change=${choose} .value=${value}>
      <option value="stored" ?selected=${value === 'stored'}>As stored</option>
      ${NAMES.map((name) => html`<option value=${name} ?selected=${value === name}>${TITLES[name]}</option>`)}
      <option value="random" ?selected=${value === 'random'}>${isRandom ? `Random, seed ${sort.seed}` : 'Random'}</option>
      <optgroup label="By column">
        ${sortable.map((id) => html`<option value=${id} ?selected=${value === id}>By ${columnOf(id).title}</option>`)}
      </optgroup>
    </select></label>
    ${other === undefined ? nothing : directionView(other, change)}`;
}

function directionView(
  { column, descending }: { column: ColumnId; descending: boolean },
  change: (sort: TableSort) => void,
): TemplateResult {
  const name = descending ? 'Descending' : 'Ascending';
  return html`<button type="button" class="head-button" title="${name}. Change the direction of the order"
    @click=${() => change({ column, descending: !descending })}>${descending ? '↓' : '↑'}<span class="spoken">${name}: change the direction</span></button>`;
}
