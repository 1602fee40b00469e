import * as vscode from 'vscode';
import type { Query } from '../../core/query/query.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';

/** The query of each dataset's review queue. The reader, the view and the palette show and change the same one. */
export class QueueQueries implements vscode.Disposable {
  readonly #queries = new Map<string, Query>();
  readonly #changed = new vscode.EventEmitter<DatasetRef>();
  readonly onDidChange = this.#changed.event;

  of({ folder }: Pick<DatasetRef, 'folder'>): Query {
    return this.#queries.get(folder) ?? [];
  }

  set(ref: DatasetRef, query: Query): void {
    this.#queries.set(ref.folder, query);
    this.#changed.fire(ref);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
