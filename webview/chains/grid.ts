import { html, type TemplateResult } from 'lit';
import { type ColumnId, type ColumnLayout, columnOf, type ShownColumn } from '../../src/core/review/table/columns.ts';
import { hasRow, type Ranges } from '../../src/core/review/table/ranges.ts';
import { sortedColumn, type TableSort } from '../../src/core/review/table/view.ts';
import type { ChainTableRow } from '../../src/protocol/chains.ts';
import { cellOf } from './cells.ts';
import type { ActiveCell } from './cursor.ts';
import { bodyHeight, type RowWindow } from './rows.ts';

export interface GridState {
  total: number;
  layout: ColumnLayout;
  sort: TableSort | null;
  selected: Ranges;
  active: ActiveCell;
  window: RowWindow;
  rowAt(index: number): ChainTableRow | undefined;
}

export interface GridActs {
  scrolled(): void;
  press(event: MouseEvent, cell: ActiveCell): void;
  open(row: number): void;
  sort(id: ColumnId): void;
  resize(id: ColumnId, width: number): void;
  moveColumn(id: ColumnId, before: ColumnId): void;
}

/** Width of the column that selects, in pixels. */
const CHECK_WIDTH = 32;

const cellId = ({ row, column }: ActiveCell): string => `cell-${row}-${column}`;

/** The table. Only the rows of the window are in the page; roles and indexes describe all of them. */
export function gridView(state: GridState, acts: GridActs): TemplateResult {
  const { total, layout, selected, active, window } = state;
  const columns = `--columns: ${CHECK_WIDTH}px ${layout.map(({ width }) => `${width}px`).join(' ')}`;
  const rows = Array.from({ length: window.to - window.from }, (_, at) => window.from + at);
  return html`<div class="grid" id="grid" role="grid" tabindex="0" aria-label="Chains" aria-multiselectable="true"
    aria-rowcount=${total + 1} aria-colcount=${layout.length + 1}
    aria-activedescendant=${total === 0 ? 'column-0' : cellId(active)}
    .style=${columns} @scroll=${acts.scrolled}>
    <div role="rowgroup" class="grid-head">
      <div role="row" class="grid-row" aria-rowindex="1">
        <div role="columnheader" id="column-0" class="cell check" aria-colindex="1"><span class="spoken">Selected</span></div>
        ${layout.map((column, at) => headView(column, at, state, acts))}
      </div>
    </div>
    <div role="rowgroup" class="grid-body" .style=${`height: ${bodyHeight(total)}px`}>
      <div class="grid-window" role="presentation" .style=${`transform: translateY(${window.top}px)`}>
        ${rows.map((row) => rowView(row, hasRow(selected, row), active, state, acts))}
      </div>
    </div>
  </div>`;
}

function headView({ id }: ShownColumn, at: number, { sort, layout }: GridState, acts: GridActs): TemplateResult {
  const { title, number } = columnOf(id);
  const sorted = sortedColumn(sort);
  const isSorted = sorted?.column === id;
  const order = !isSorted ? 'none' : sorted.descending ? 'descending' : 'ascending';
  return html`<div role="columnheader" id="column-${at + 1}" class="cell ${number ? 'number' : ''}" aria-colindex=${at + 2} aria-sort=${order}
    draggable="true"
    @dragstart=${(event: DragEvent) => event.dataTransfer?.setData('text/plain', id)}
    @dragover=${(event: DragEvent) => event.preventDefault()}
    @drop=${(event: DragEvent) => {
      event.preventDefault();
      acts.moveColumn(event.dataTransfer?.getData('text/plain') as ColumnId, id);
    }}>
    <button type="button" tabindex="-1" class="sort" title="Sort by ${title}" @click=${() => acts.sort(id)}>
      <span class="sort-title">${title}</span><span aria-hidden="true">${isSorted ? (sorted.descending ? '↓' : '↑') : ''}</span>
    </button>
    <span class="resize" aria-hidden="true" @pointerdown=${(event: PointerEvent) => resize(event, id, layout, acts)}
      @dragstart=${(event: Event) => event.preventDefault()}></span>
  </div>`;
}

/** Follows the pointer until it is released. */
function resize(event: PointerEvent, id: ColumnId, layout: ColumnLayout, acts: GridActs): void {
  event.preventDefault();
  event.stopPropagation();
  const handle = event.currentTarget as HTMLElement;
  const width = layout.find((column) => column.id === id)?.width ?? 0;
  handle.setPointerCapture(event.pointerId);
  const move = (next: PointerEvent): void => acts.resize(id, width + next.clientX - event.clientX);
  handle.addEventListener('pointermove', move);
  handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), { once: true });
}

function rowView(
  index: number,
  isSelected: boolean,
  active: ActiveCell,
  state: GridState,
  acts: GridActs,
): TemplateResult {
  const row = state.rowAt(index);
  const isActive = index === active.row;
  const cell = (column: number): string => `cell ${isActive && column === active.column ? 'active' : ''}`;
  return html`<div role="row" class="grid-row ${isActive ? 'active-row' : ''}" aria-rowindex=${index + 2} aria-selected=${isSelected}
    @dblclick=${() => acts.open(index)}>
    <div role="gridcell" id=${cellId({ row: index, column: 0 })} class="${cell(0)} check" aria-colindex="1"
      aria-label=${isSelected ? 'selected' : 'not selected'}
      @mousedown=${(event: MouseEvent) => acts.press(event, { row: index, column: 0 })}><span class="box" aria-hidden="true">${isSelected ? '✓' : ''}</span></div>
    ${state.layout.map(({ id }, at) => {
      const { number } = columnOf(id);
      return html`<div role="gridcell" id=${cellId({ row: index, column: at + 1 })} class="${cell(at + 1)} ${number ? 'number' : ''}" aria-colindex=${at + 2}
        @mousedown=${(event: MouseEvent) => acts.press(event, { row: index, column: at + 1 })}>${row === undefined ? '…' : cellOf(id, row)}</div>`;
    })}
  </div>`;
}
