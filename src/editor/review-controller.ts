import * as vscode from 'vscode';
import type { ReviewAction } from '../protocol/keys.ts';
import type { Dataset } from '../store/index.ts';
import { DisposableStore } from './dispose.ts';
import { choiceFrom, type FacetChoice } from './facets.ts';
import type { DatasetRef } from './find-datasets.ts';
import { showJournal } from './journal-document.ts';
import { ReviewPanel, type ReviewServices, SavedReview } from './review/index.ts';
import { DatasetReviewSource } from './review-source.ts';
import { reviewer } from './reviewer.ts';
import type { Services } from './services.ts';

/** Opens the review editor over a dataset and keeps what it shows in step with the files. */
export class ReviewController implements vscode.Disposable {
  readonly #services: Services;
  readonly #disposables = new DisposableStore();
  #open: { folder: string; source: DatasetReviewSource; services: ReviewServices } | undefined;

  constructor(services: Services) {
    this.#services = services;
    this.#disposables.add(
      services.datasets.onDidChangeContent((ref) => {
        if (this.#open?.folder === ref.folder) this.#open.source.changed();
      }),
    );
  }

  /** Shows the queue of a dataset, narrowed to one facet value, from its first pending chain. */
  async show(ref: DatasetRef, choice?: FacetChoice): Promise<void> {
    const { source, services } = await this.#prepare(ref);
    source.begin(choice);
    ReviewPanel.show(services);
  }

  /** Fills the panel that an earlier window left open; one whose dataset is gone is closed. */
  async revive(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const saved = SavedReview.safeParse(state).data;
    await this.#services.datasets.ready();
    const folder = saved === undefined ? undefined : vscode.Uri.parse(saved.dataset).fsPath;
    const ref = this.#services.datasets.all.find((one) => one.folder === folder);
    if (saved === undefined || ref === undefined) {
      panel.dispose();
      return;
    }
    const { source, services } = await this.#prepare(ref);
    source.begin(choiceFrom(saved.facet));
    ReviewPanel.revive(panel, services, saved);
  }

  /** Does what a key of the review editor does. */
  perform(action: ReviewAction): void {
    ReviewPanel.current?.perform(action);
  }

  dispose(): void {
    ReviewPanel.current?.dispose();
    this.#disposables.dispose();
  }

  async #prepare(ref: DatasetRef): Promise<{ source: DatasetReviewSource; services: ReviewServices }> {
    const dataset = await this.#services.datasets.open(ref);
    await dataset.refresh();
    const me = await reviewer();
    if (this.#open?.folder === ref.folder && this.#open.source.reviewer === me) return this.#open;
    // A panel of another reviewer or dataset must not go on with what it holds.
    ReviewPanel.current?.dispose();
    const source = new DatasetReviewSource(dataset, me);
    this.#open = { folder: ref.folder, source, services: this.#servicesFor(ref, dataset, source) };
    return this.#open;
  }

  #servicesFor(ref: DatasetRef, dataset: Dataset, source: DatasetReviewSource): ReviewServices {
    const { context, documents, reporter, verbs, datasets } = this.#services;
    return {
      extension: context.extensionUri,
      dataset: vscode.Uri.file(ref.folder),
      source,
      drafts: context.workspaceState,
      openJournal: (chainId) => showJournal(dataset, chainId, documents),
      tryProblem: async (chainId) => {
        const problem = dataset.index.chain(chainId)?.problemId;
        const { openWorkbench } = await import('./workbench/index.ts');
        await openWorkbench(this.#services, { ref, problem });
      },
      regrade: async (chainId) => {
        await verbs.run('regrade', { dataset: ref.folder, chains: [chainId], apply: true });
        await datasets.refresh(ref);
      },
      log: (message) => reporter.log.info(message),
    };
  }
}
