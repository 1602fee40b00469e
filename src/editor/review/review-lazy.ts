import type * as vscode from 'vscode';
import type { ReviewAction } from '../../protocol/keys.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import type { Services } from '../services.ts';
import { DoubleClicks } from '../ui/double-click.ts';
import type { ReviewController } from './review-controller.ts';
import type { TableController } from './table/table-controller.ts';

/** The review editor, loaded on first use: its schemas and the store would double the time of activation. */
export class LazyReview implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #services: Services;
  #controller: Promise<ReviewController> | undefined;
  #tables: Promise<TableController> | undefined;
  readonly #clicks = new DoubleClicks();
  /** The last reader that was asked for. */
  #showing: Promise<void> = Promise.resolve();

  constructor(services: Services) {
    this.#services = services;
  }

  /** Shows chains in the reader; after a double click on an item of a tree, in the table. */
  async open(ref: DatasetRef, what: unknown): Promise<void> {
    if (!this.#clicks.isSecond(what)) {
      this.#showing = this.show(ref, what);
      return this.#showing;
    }
    // The reader of the first click, which may still open, stays behind the table.
    await this.#showing.catch(() => undefined);
    await this.table(ref, what);
  }

  async show(ref: DatasetRef, what: unknown): Promise<void> {
    await (await this.#load()).show(ref, what);
  }

  /** Shows the chain table. */
  async table(ref: DatasetRef, what: unknown): Promise<void> {
    await (await this.#loadTables()).show(ref, what);
  }

  /** Restores chain tables. */
  readonly tables: vscode.WebviewPanelSerializer = {
    deserializeWebviewPanel: async (panel, state) => {
      try {
        await (await this.#loadTables()).revive(panel, state);
      } catch (error) {
        panel.dispose();
        void this.#services.reporter.error(error);
      }
    },
  };

  async perform(action: ReviewAction): Promise<void> {
    (await this.#load()).perform(action);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    try {
      await (await this.#load()).revive(panel, state);
    } catch (error) {
      panel.dispose();
      void this.#services.reporter.error(error);
    }
  }

  dispose(): void {
    void this.#controller?.then((controller) => controller.dispose());
    void this.#tables?.then((tables) => tables.dispose());
  }

  #loadTables(): Promise<TableController> {
    this.#tables ??= import('./table/table-controller.ts').then(
      ({ TableController }) => new TableController(this.#services, (ref, item) => this.show(ref, item)),
    );
    return this.#tables;
  }

  #load(): Promise<ReviewController> {
    this.#controller ??= import('./review-controller.ts').then(
      ({ ReviewController }) => new ReviewController(this.#services),
    );
    return this.#controller;
  }
}
