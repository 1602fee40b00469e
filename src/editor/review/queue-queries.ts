import * as vscode from 'vscode';
import type { Query } from '../../core/query/query.ts';
import type { TableSort } from '../../core/review/table/view.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';

/** The query and the order of each dataset's review queue. The reader, the view and the palette show and change the same one. */
export class QueueQueries implements vscode.Disposable {
  readonly #queries = new Map<string, Query>();
  readonly #orders = new Map<string, TableSort>();
  readonly #changed = new vscode.EventEmitter<DatasetRef>();
  readonly onDidChange = this.#changed.event;

  of({ folder }: Pick<DatasetRef, 'folder'>): Query {
    return this.#queries.get(folder) ?? [];
  }

  /** @param order The present one when absent. */
  set(ref: DatasetRef, query: Query, order: TableSort | null = this.orderOf(ref)): void {
    this.#queries.set(ref.folder, query);
    if (order === null) this.#orders.delete(ref.folder);
    else this.#orders.set(ref.folder, order);
    this.#changed.fire(ref);
  }

  /** The order of the chains; null as stored. */
  orderOf({ folder }: Pick<DatasetRef, 'folder'>): TableSort | null {
    return this.#orders.get(folder) ?? null;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
