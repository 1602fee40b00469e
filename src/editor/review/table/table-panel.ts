import type * as vscode from 'vscode';
import { defined } from '../../../core/defined.ts';
import { messageWithAdvice } from '../../../core/errors.ts';
import { QueryError } from '../../../core/query/parse.ts';
import { formatQuery, type Query } from '../../../core/query/query.ts';
import { ColumnLayout } from '../../../core/review/table/columns.ts';
import { isSameSort, type TableSort, type TableView } from '../../../core/review/table/view.ts';
import { type ChainsSnapshot, FromChainsPage, type ToChainsPage } from '../../../protocol/chains.ts';
import { CHAINS_VIEW } from '../../contributions/index.ts';
import { count, t } from '../../ui/format.ts';
import { showErrorMessage } from '../../ui/notify.ts';
import { WebviewPage } from '../../ui/webview-page.ts';
import { type ActHistory, DoneActs, TableActs } from './table-acts.ts';
import { TableSession } from './table-session.ts';
import type { TableSource } from './table-source.ts';

/** Where views are saved. */
export interface TableViews {
  read(): Promise<readonly TableView[]>;
  save(view: TableView): Promise<void>;
  remove(name: string): Promise<void>;
}

/** The editor functions of the table. */
export interface TableServices {
  /** Root of the extension, above `dist/`. */
  readonly extension: vscode.Uri;
  readonly source: TableSource;
  /** Title of the tab without a query. */
  readonly title?: string;
  /** Of the dataset or the file. */
  readonly place: string;
  /** The dataset, to restore the table after a reload of the window. */
  readonly folder?: string;
  /** The saved views; absent where none can be saved. */
  readonly views?: TableViews;
  /** Keeps the columns. */
  readonly memory: vscode.Memento;
  /** The page has listed the chains of another query, or in another order. */
  listed(query: Query, sort: TableSort | null): void;
  /** Exports these chains, or lets a model judge them; absent for a file. */
  send?(to: 'export' | 'judge', chains: readonly string[]): Promise<void>;
  /** Opens the reader at a chain, with the query of the table. */
  read(chainId: string): Promise<void>;
  log(message: string): void;
}

const LAYOUT = 'longhand.chainColumns';

/** The chain table of a source. */
export class TablePanel {
  readonly #page: WebviewPage<FromChainsPage, ToChainsPage>;
  readonly #services: TableServices;
  readonly #session: TableSession;
  readonly #acts: TableActs;
  #refreshing = false;
  #sent: Promise<unknown> = Promise.resolve();
  #stale = false;

  /** @param panel A restored panel, used instead of a new one. */
  constructor(
    services: TableServices,
    { query, sort, panel }: { query: Query; sort: TableSort | null; panel?: vscode.WebviewPanel | undefined },
    gone: () => void,
  ) {
    this.#services = services;
    const layout = ColumnLayout.safeParse(services.memory.get(LAYOUT)).data;
    this.#session = new TableSession(services.source, layout);
    this.#acts = new TableActs(services.source, this.#session, actHistory(services));
    this.#page = new WebviewPage<FromChainsPage, ToChainsPage>({
      extension: services.extension,
      bundle: 'chains',
      viewType: CHAINS_VIEW,
      title: services.title ?? t('Chains'),
      panel,
      schema: FromChainsPage,
      receive: (message) => this.#handle(message),
      shown: () => this.#send(),
      gone: () => {
        this.#session.dispose();
        gone();
      },
      fail: (error) => this.#showError(error),
      log: services.log,
    });
    this.#page.add(services.source.onDidChange(() => this.#changed()));
    const watching = services.source.onDidRead?.((reading) =>
      this.#page.post({ type: 'reading', ...defined({ reading }) }),
    );
    if (watching !== undefined) this.#page.add(watching);
    void this.#page.guard(() => this.#find(() => this.#session.find(0, query, sort)));
  }

  reveal(): void {
    this.#page.reveal();
  }

  /** Lists the chains of a query and an order that were set elsewhere. */
  find(query: Query, sort: TableSort | null): void {
    const { query: listed, sort: order } = this.#session.wanted;
    if (formatQuery(query) === formatQuery(listed) && isSameSort(sort, order)) return;
    void this.#page.guard(() => this.#find(() => this.#session.find(0, query, sort)));
  }

  dispose(): void {
    this.#page.dispose();
  }

  async #handle(message: Exclude<FromChainsPage, { type: 'focused' | 'failed' }>): Promise<void> {
    switch (message.type) {
      case 'ready':
        return this.#send();
      case 'find': {
        const { request, query, sort } = message;
        return this.#find(() => this.#session.findText(request, query, sort), request);
      }
      case 'choose': {
        const { request, field, value, how } = message;
        return this.#find(() => this.#session.choose(request, field, value, how), request);
      }
      case 'rows': {
        const { version, offset, limit } = message;
        const rows = await this.#session.rows(version, offset, limit);
        if (rows !== undefined) this.#page.post({ type: 'rows', version, offset, rows });
        return;
      }
      case 'select':
        return this.#session.select(message.version, message.ranges) ? this.#send() : undefined;
      case 'layout':
        return this.#setLayout(message.layout);
      case 'openView':
        return this.#openView(message.request, message.name);
      case 'saveView': {
        const { query, sort, layout } = this.#session;
        const view: TableView = { version: 1, name: message.name, query: formatQuery(query), sort, columns: layout };
        await this.#services.views?.save(view);
        return this.#send();
      }
      case 'removeView':
        await this.#services.views?.remove(message.name);
        return this.#send();
      case 'plan':
        if (!this.#session.list.isCurrent) await this.#session.refresh();
        return this.#page.post(await this.#acts.plan(message.kind, message.text, message.chainId));
      case 'apply':
        return this.#act(() => this.#acts.apply(message.kind, message.text, message.chainId));
      case 'read':
        return this.#services.source.read?.(message.reading);
      case 'cancel':
        return this.#services.source.cancel?.();
      case 'reverse':
        return this.#act(() => this.#acts.reverse(message.how));
      case 'send': {
        const chains = this.#acts.targets(message.chainId);
        return chains.length === 0 ? undefined : this.#services.send?.(message.to, chains);
      }
      case 'open':
        return this.#services.read(message.chainId);
    }
  }

  async #openView(request: number, name: string): Promise<void> {
    const view = (await this.#services.views?.read())?.find((one) => one.name === name);
    if (view === undefined) {
      this.#session.refused(request);
      return this.#send();
    }
    await this.#find(() => this.#session.findText(request, view.query, view.sort), request);
    await this.#setLayout(view.columns);
    this.#page.post({ type: 'layout', layout: view.columns });
  }

  async #setLayout(layout: ColumnLayout): Promise<void> {
    this.#session.layout = layout;
    await this.#services.memory.update(LAYOUT, layout);
  }

  /** The act is on chains that the query lists now. */
  async #act(act: () => Promise<string>): Promise<void> {
    await this.#session.refresh();
    const text = await act();
    await this.#session.refresh();
    await this.#send();
    this.#page.post({ type: 'announce', text, tone: 'info' });
  }

  /** Runs a query, and shows its result or what is wrong with it. */
  async #find(find: () => Promise<boolean>, request = 0): Promise<void> {
    try {
      if (!(await find())) return;
      await this.#send();
      if (request > 0) this.#services.listed(this.#session.query, this.#session.sort);
    } catch (error) {
      if (!(error instanceof QueryError) || request === 0) throw error;
      const { start, end } = error;
      this.#session.refused(request);
      this.#page.post({ type: 'refused', request, message: messageWithAdvice(error), start, end });
    }
  }

  /** A running round changes files twice a second: one refresh at a time, and another one after changes meanwhile. */
  #changed(): void {
    this.#stale = true;
    if (this.#refreshing) return;
    this.#refreshing = true;
    void this.#page.guard(async () => {
      try {
        while (this.#stale && !this.#page.gone) {
          this.#stale = false;
          await this.#find(() => this.#session.refresh());
        }
      } finally {
        this.#refreshing = false;
      }
    });
  }

  /** One snapshot after another, so that a later one never shows earlier content. */
  #send(): Promise<void> {
    const sent = this.#sent.then(() => this.#sendNow());
    this.#sent = sent.catch(() => undefined);
    return sent;
  }

  async #sendNow(): Promise<void> {
    if (!this.#page.ready) return;
    const { canUndo, canRedo } = this.#acts;
    const views = (await this.#services.views?.read())?.map(({ name, query }) => ({ name, query }));
    const { folder } = this.#services;
    const found = await this.#session.snapshot();
    const saved = folder === undefined ? undefined : { folder, query: found.query, sort: found.sort };
    const unread = this.#services.source.unread?.();
    const snapshot: ChainsSnapshot = {
      ...found,
      ...{ canUndo, canRedo },
      ...defined({ views, saved, unread: unread && [...unread] }),
    };
    const title = this.#services.title ?? t('Chains');
    this.#page.setTitle(tableTitle(title, formatQuery(this.#session.query), snapshot.total, snapshot.all));
    this.#page.post(snapshot);
  }

  #showError(error: unknown): void {
    const text = messageWithAdvice(error);
    this.#services.log(`Chains: ${text}`);
    if (this.#page.ready) this.#page.post({ type: 'announce', text, tone: 'error' });
    else void showErrorMessage(t('Longhand Chains: {0}', text));
  }
}

/** Acts that can be undone, over closed pages and reloads of the window. */
function actHistory({ source, memory, place }: TableServices): ActHistory {
  const key = `longhand.tableActs:${place}:${source.reviewer}`;
  return {
    ...(DoneActs.safeParse(memory.get(key)).data ?? { done: [], undone: [] }),
    keep: async (acts) => memory.update(key, acts),
  };
}

/** Title of the tab: `Chains: 24 of 5,063`. */
function tableTitle(title: string, query: string, total: number, all: number): string {
  return query === '' ? title : t('{0}: {1} of {2}', title, count(total), count(all));
}
