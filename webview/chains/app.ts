import { html, nothing, render, type TemplateResult } from 'lit';
import { defined } from '../../src/core/defined.ts';
import { type ColumnId, type ColumnLayout, moveColumn, resizeColumn } from '../../src/core/review/table/columns.ts';
import { sizeOf } from '../../src/core/review/table/ranges.ts';
import { isSameSort, sortedColumn, type TableSort } from '../../src/core/review/table/view.ts';
import type {
  BatchKind,
  ChainsSnapshot,
  FromChainsPage,
  TableReading,
  ToChainsPage,
} from '../../src/protocol/chains.ts';
import type { ChainsAction } from '../../src/protocol/keys.ts';
import { Announcer } from '../ui/announcer.ts';
import { moveFocus } from '../ui/focus.ts';
import { listenForKeys } from '../ui/keyboard.ts';
import { later } from '../ui/later.ts';
import { keySheet, Modal } from '../ui/modal.ts';
import type { Channel } from '../ui/page-host.ts';
import { ActDialog } from './act-dialog.ts';
import { columnsView } from './columns-dialog.ts';
import { type ActiveCell, moveCell, showCell } from './cursor.ts';
import { chipsView, facetsView } from './facets.ts';
import { footView } from './foot.ts';
import { gridView } from './grid.ts';
import { countText, headView } from './head.ts';
import { KEYS } from './keys.ts';
import { orderText } from './order.ts';
import { QueryBox } from './query-box.ts';
import { readingView } from './reading.ts';
import { LoadedRows, windowAt } from './rows.ts';
import { RowSelection } from './selection.ts';
import { viewsView } from './views-dialog.ts';

/** Keys with another meaning on buttons and other controls. */
const IN_GRID: ReadonlySet<ChainsAction> = new Set(['open', 'toggle', 'selectAll', 'selectNone']);

/** The chain table: a query, facets, and the rows on the screen. The host holds chains, order and selection. */
export class ChainsApp {
  readonly #channel: Channel<ToChainsPage, FromChainsPage>;
  readonly #root: HTMLElement;
  readonly #announcer = new Announcer();
  readonly #dialog: Modal;
  readonly #rows: LoadedRows;
  readonly #query: QueryBox;
  readonly #selection = new RowSelection();
  readonly #acts: ActDialog;
  readonly #openFacets = new Set<string>();
  readonly #saveLayout: () => void;
  #shown: ChainsSnapshot | undefined;
  #layout: ColumnLayout = [];
  #active: ActiveCell = { row: 0, column: 1 };
  #request = 0;
  /** What the last request asks for, until it is answered. */
  #asked: Pick<ChainsSnapshot, 'query' | 'sort'> | undefined;
  /** What is being read of a file. */
  #reading: TableReading | undefined;
  #drawing = false;

  constructor(channel: Channel<ToChainsPage, FromChainsPage>, root: HTMLElement) {
    this.#channel = channel;
    this.#root = root;
    root.className = 'reader chains';
    this.#dialog = new Modal(document.body, 'help columns');
    this.#rows = new LoadedRows((message) => channel.post(message));
    this.#query = new QueryBox(
      (text) => this.#find(text, this.#wanted.sort),
      () => this.#draw(),
      () => moveFocus(this.#grid),
    );
    this.#saveLayout = later(300, () => this.#channel.post({ type: 'layout', layout: this.#layout }));
    const target = (kind: BatchKind, text: string) => ({ kind, text, ...defined({ chainId: this.#activeId }) });
    this.#acts = new ActDialog(
      (kind, text) => channel.post({ type: 'plan', ...target(kind, text) }),
      (kind, text) => channel.post({ type: 'apply', ...target(kind, text) }),
    );
    listenForKeys((event) => this.#key(event));
    new ResizeObserver(() => this.#draw()).observe(root);
    channel.listen((message) => this.#receive(message));
    channel.post({ type: 'ready' });
  }

  #receive(message: ToChainsPage): void {
    switch (message.type) {
      case 'snapshot':
        this.#show(message);
        break;
      case 'rows':
        this.#rows.put(message.version, message.offset, message.rows);
        break;
      case 'refused':
        if (message.request !== this.#request) break;
        this.#asked = undefined;
        this.#query.refuse(message);
        break;
      case 'layout':
        this.#layout = message.layout;
        break;
      case 'reading':
        this.#reading = message.reading;
        break;
      case 'plan':
        this.#acts.show(message);
        return;
      case 'announce':
        this.#announcer.announce(message.text, message.tone);
        break;
    }
    this.#draw();
  }

  #show(message: ChainsSnapshot): void {
    const before = this.#shown;
    const isSameList = before?.query === message.query && isSameSort(before.sort, message.sort);
    // A later request is on its way: its answer follows.
    if (message.request < this.#request && before !== undefined) return;
    this.#shown = message;
    this.#asked = undefined;
    if (before === undefined) this.#layout = message.layout;
    this.#query.show(message.query, message.request === this.#request);
    // Rows that were selected meanwhile stay selected.
    if (message.version !== this.#rows.version) this.#selection.set(message.selected);
    this.#rows.reset(message.version, isSameList);
    this.#rows.put(message.version, message.offset, message.rows);
    if (!isSameList) this.#goTo({ row: 0, column: this.#active.column });
    this.#active = { ...this.#active, row: Math.max(0, Math.min(this.#active.row, message.total - 1)) };
    if (before !== undefined && !isSameList)
      this.#announcer.announce(before.query === message.query ? orderText(message.sort) : countText(message));
  }

  get #wanted(): Pick<ChainsSnapshot, 'query' | 'sort'> {
    return this.#asked ?? this.#shown ?? { query: '', sort: null };
  }

  #find(query: string, sort: TableSort | null): void {
    this.#asked = { query, sort };
    this.#channel.post({ type: 'find', request: ++this.#request, query, sort });
  }

  #choose(field: string, value: string, how: 'toggle' | 'exclude'): void {
    this.#channel.post({ type: 'choose', request: ++this.#request, field, value, how });
  }

  #sort(column: ColumnId): void {
    const { query, sort } = this.#wanted;
    // Up, down, and as stored.
    const before = sortedColumn(sort);
    const isFirst = before?.column !== column;
    const next = isFirst ? { column, descending: false } : before.descending ? null : { column, descending: true };
    this.#find(query, next);
  }

  #setLayout(layout: ColumnLayout): void {
    this.#layout = layout;
    this.#active = { ...this.#active, column: Math.min(this.#active.column, this.#visible.length) };
    this.#saveLayout();
    this.#draw();
    if (this.#dialog.element.open) this.#chooseColumns();
  }

  #chooseColumns(): void {
    this.#dialog.open(columnsView(this.#shown?.columns ?? [], this.#layout, (layout) => this.#setLayout(layout)));
  }

  #showViews(): void {
    this.#dialog.open(
      viewsView(this.#shown?.views ?? [], {
        open: (name) => {
          this.#dialog.element.close();
          this.#channel.post({ type: 'openView', request: ++this.#request, name });
        },
        save: (name) => {
          this.#dialog.element.close();
          this.#channel.post({ type: 'saveView', name });
          this.#announcer.announce(`Saved the view ${name}.`);
        },
        remove: (name) => {
          this.#dialog.element.close();
          this.#channel.post({ type: 'removeView', name });
          this.#announcer.announce(`Removed the view ${name}.`);
        },
      }),
    );
  }

  /** Draws once for all changes of a frame. */
  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      if (this.#shown === undefined) return;
      render(this.#view(this.#shown), this.#root);
      this.#rows.want(this.#window(this.#shown.total));
    });
  }

  #view(shown: ChainsSnapshot): TemplateResult {
    const { clauses, facets, total } = shown;
    const selected = sizeOf(this.#selection.ranges);
    return html`
      ${headView(
        shown,
        this.#visible.map(({ id }) => id),
        {
          order: (order) => this.#find(shown.query, order),
          views: () => this.#showViews(),
          columns: () => this.#chooseColumns(),
        },
      )}
      <search class="search">
      ${this.#query.view(shown)}
      ${chipsView(clauses, (at) => this.#query.set(clauses.flatMap(({ text }, index) => (index === at ? [] : [text])).join(' and ')))}
      ${readingView(this.#reading, shown.unread ?? [], this.#channel)}
      </search>
      <main class="table-body">
        ${facetsView(
          facets,
          this.#openFacets,
          (...choice) => this.#choose(...choice),
          (field) => this.#moreOf(field),
        )}
        ${gridView(
          {
            total,
            layout: this.#visible,
            sort: shown.sort,
            selected: this.#selection.ranges,
            active: this.#active,
            window: this.#window(total),
            rowAt: (index) => this.#rows.row(index),
          },
          {
            scrolled: () => this.#draw(),
            press: (event, cell) => this.#press(event, cell),
            open: (row) => this.#open(row),
            sort: (id) => this.#sort(id),
            resize: (id, width) => this.#setLayout(resizeColumn(this.#layout, id, width)),
            moveColumn: (id, before) => this.#moveBefore(id, before),
          },
        )}
        ${total === 0 ? html`<p class="empty">${emptyText(shown)}</p>` : nothing}
      </main>
      <footer class="foot">
        ${footView(
          shown,
          selected,
          (action) => this.#perform(action),
          (to) => this.#channel.post({ type: 'send', to, ...defined({ chainId: this.#activeId }) }),
        )}
        <span class="grow">${this.#announcer.quiet}</span>
        <button type="button" class="key-button bare" @click=${() => this.#perform('help')}><kbd aria-hidden="true">${KEYS.label('help')}</kbd><span class="spoken">Keyboard sheet</span></button>
      </footer>
      ${this.#announcer.loud}
    `;
  }

  #moreOf(field: string): void {
    if (!this.#openFacets.delete(field)) this.#openFacets.add(field);
    this.#draw();
  }

  #moveBefore(id: ColumnId, before: ColumnId): void {
    this.#setLayout(
      moveColumn(
        this.#layout,
        id,
        this.#layout.findIndex((column) => column.id === before),
      ),
    );
  }

  /** The chosen columns that the source knows. */
  get #visible(): ColumnLayout {
    return this.#layout.filter(({ id }) => this.#shown?.columns.includes(id) ?? true);
  }

  get #grid(): HTMLElement | null {
    return this.#root.querySelector<HTMLElement>('#grid');
  }

  #window(total: number) {
    const grid = this.#grid;
    return windowAt(grid?.scrollTop ?? 0, grid?.clientHeight ?? window.innerHeight, total);
  }

  #open(row: number): void {
    const chain = this.#rows.row(row);
    if (chain !== undefined) this.#channel.post({ type: 'open', chainId: chain.id });
  }

  /** The click of a row: the box or Ctrl toggles it, Shift extends, and a plain click only moves there. */
  #press(event: MouseEvent, cell: ActiveCell): void {
    if (event.button !== 0) return;
    if (event.shiftKey) {
      event.preventDefault();
      this.#selection.extend(cell.row);
      this.#selectionChanged();
    } else if (cell.column === 0 || event.ctrlKey || event.metaKey) {
      this.#selection.toggle(cell.row);
      this.#selectionChanged();
    } else {
      this.#selection.anchor(cell.row);
    }
    this.#active = cell;
    this.#draw();
  }

  #selectionChanged(): void {
    this.#channel.post({ type: 'select', version: this.#rows.version, ranges: [...this.#selection.ranges] });
    this.#draw();
  }

  /** Moves while the table has the focus; the keys of acts work on the whole page. */
  #key(event: KeyboardEvent): void {
    const total = this.#shown?.total ?? 0;
    const isInGrid = event.target === this.#grid;
    if (document.querySelector('dialog[open]') !== null) return;
    const action = KEYS.actionFor(event);
    if (isInGrid && total > 0 && this.#move(event, total)) event.preventDefault();
    else if (action !== undefined && (isInGrid || !IN_GRID.has(action))) {
      event.preventDefault();
      this.#perform(action);
    }
  }

  /** @returns whether the key moves. */
  #move(event: KeyboardEvent, total: number): boolean {
    const held = event.ctrlKey || event.metaKey;
    if (event.altKey || (held && !['Home', 'End'].includes(event.key))) return false;
    if (event.key === ' ' && event.shiftKey) {
      this.#selection.extend(this.#active.row);
      this.#selectionChanged();
      return true;
    }
    const size = { total, columns: this.#visible.length, height: this.#grid?.clientHeight ?? 0 };
    const to = moveCell(this.#active, event.key, size);
    if (to === undefined) return false;
    if (event.shiftKey && to.row !== this.#active.row) {
      this.#selection.extend(to.row);
      this.#selectionChanged();
    } else if (!event.shiftKey) this.#selection.anchor(to.row);
    this.#goTo(to);
    return true;
  }

  #perform(action: ChainsAction): void {
    const total = this.#shown?.total ?? 0;
    switch (action) {
      case 'open':
        this.#open(this.#active.row);
        break;
      case 'find':
        this.#query.focus();
        break;
      case 'toggle':
        if (total === 0) break;
        this.#selection.toggle(this.#active.row);
        this.#selectionChanged();
        break;
      case 'selectAll':
        if (total > 0 && this.#selection.set([[0, total - 1]])) this.#selectionChanged();
        break;
      case 'selectNone':
        if (this.#selection.set([])) this.#selectionChanged();
        break;
      case 'undo':
      case 'redo':
        this.#channel.post({ type: 'reverse', how: action });
        break;
      case 'help':
        this.#dialog.open(keySheet(KEYS.entries));
        break;
      default:
        if (total === 0) this.#announcer.announce('There is no chain to act on.', 'warning');
        else this.#acts.open(action);
    }
  }

  get #activeId(): string | undefined {
    return this.#rows.row(this.#active.row)?.id;
  }

  #goTo(cell: ActiveCell): void {
    this.#active = cell;
    if (this.#grid !== null) showCell(this.#grid, cell, this.#shown?.total ?? 0);
    this.#draw();
  }
}

function emptyText({ all, unread }: ChainsSnapshot): string {
  if (all === 0 && unread !== undefined) return 'No row of this file can be read. Choose its columns in the reader.';
  return all === 0
    ? 'This dataset has no chains yet. Generate chains, or import traces.'
    : 'No chain matches. Remove a filter to see more.';
}
