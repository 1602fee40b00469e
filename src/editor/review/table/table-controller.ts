import * as vscode from 'vscode';
import { parseQuery, QueryError } from '../../../core/query/parse.ts';
import { formatQuery, type Query } from '../../../core/query/query.ts';
import { isSameSort } from '../../../core/review/table/view.ts';
import { SavedTable } from '../../../protocol/chains.ts';
import type { Dataset } from '../../../store/index.ts';
import { readViews, removeView, saveView } from '../../../store/views.ts';
import type { CommandId } from '../../contributions/index.ts';
import type { DatasetRef } from '../../dataset/find-datasets.ts';
import { DisposableStore } from '../../dispose.ts';
import type { Services } from '../../services.ts';
import { queryOf } from '../review-controller.ts';
import { reviewer } from '../reviewer.ts';
import { DatasetTable } from './dataset-table.ts';
import { TablePanel } from './table-panel.ts';

/** Opens the reader at a chain of a query. */
type Read = (ref: DatasetRef, item: { query: Query; chainId: string }) => Promise<void>;

/** Opens the chain tables of datasets, one each, and updates them when files or the query of the review queue change. */
export class TableController implements vscode.Disposable {
  readonly #services: Services;
  readonly #read: Read;
  readonly #disposables = new DisposableStore();
  readonly #open = new Map<string, { panel: TablePanel; table: DatasetTable }>();

  constructor(services: Services, read: Read) {
    this.#services = services;
    this.#read = read;
    const { datasets, queries } = services;
    this.#disposables.add(datasets.onDidChangeContent(({ folder }) => this.#open.get(folder)?.table.changed()));
    this.#disposables.add(
      queries.onDidChange((ref) => this.#open.get(ref.folder)?.panel.find(queries.of(ref), queries.orderOf(ref))),
    );
  }

  /**
   * Shows the table of a dataset with the query of its review queue.
   * @param what The argument of the command: an item with another query, a round, or anything else.
   */
  async show(ref: DatasetRef, what: unknown): Promise<void> {
    const { datasets, queries } = this.#services;
    const dataset = await datasets.open(ref);
    await dataset.refresh();
    const query = queryOf(what);
    if (query !== undefined) queries.set(ref, query);
    const me = await reviewer();
    const open = this.#open.get(ref.folder);
    if (open?.table.reviewer === me) return open.panel.reveal();
    // The open table is of another reviewer.
    open?.panel.dispose();
    this.#fill(ref, dataset, me, undefined);
  }

  /** Restores a table; closes it if its dataset no longer exists. */
  async revive(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { datasets, queries } = this.#services;
    const saved = SavedTable.safeParse(state).data;
    await datasets.ready();
    const ref = datasets.all.find(({ folder }) => folder === saved?.folder);
    if (saved === undefined || ref === undefined) {
      panel.dispose();
      return;
    }
    const dataset = await datasets.open(ref);
    queries.set(ref, queryIn(saved.query), saved.sort);
    this.#open.get(ref.folder)?.panel.dispose();
    this.#fill(ref, dataset, await reviewer(), panel);
  }

  dispose(): void {
    for (const { panel } of this.#open.values()) panel.dispose();
    this.#disposables.dispose();
  }

  #fill(ref: DatasetRef, dataset: Dataset, me: string, panel: vscode.WebviewPanel | undefined): void {
    const table = new DatasetTable(ref.name, dataset, me, () => void this.#services.datasets.refresh(ref));
    this.#open.set(ref.folder, { table, panel: this.#panel(ref, table, panel) });
  }

  #panel(ref: DatasetRef, source: DatasetTable, restored: vscode.WebviewPanel | undefined): TablePanel {
    const { context, queries, reporter } = this.#services;
    const panel = new TablePanel(
      {
        extension: context.extensionUri,
        source,
        place: ref.folder,
        folder: ref.folder,
        views: {
          read: () => readViews(ref.folder),
          save: (view) => saveView(ref.folder, view),
          remove: (name) => removeView(ref.folder, name),
        },
        memory: context.workspaceState,
        listed: (listed, order) => {
          const isSame =
            isSameSort(order, queries.orderOf(ref)) && formatQuery(listed) === formatQuery(queries.of(ref));
          if (!isSame) queries.set(ref, listed, order);
        },
        send: async (to, chains) => {
          const command: CommandId = to === 'export' ? 'longhand.exportTrainingSet' : 'longhand.judge';
          await vscode.commands.executeCommand(command, { ref, chains });
        },
        read: (chainId) => this.#read(ref, { query: queries.of(ref), chainId }),
        log: (message) => reporter.log.info(message),
      },
      { query: queries.of(ref), sort: queries.orderOf(ref), panel: restored },
      () => {
        if (this.#open.get(ref.folder)?.panel === panel) this.#open.delete(ref.folder);
      },
    );
    return panel;
  }
}

/** The saved query; all chains if another version of Longhand wrote it. */
function queryIn(text: string): Query {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof QueryError) return [];
    throw error;
  }
}
