import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { Query } from '../../core/query/query.ts';
import type { ModelRef } from '../../core/schemas/index.ts';
import type { ReviewAction } from '../../protocol/keys.ts';
import { SavedReview } from '../../protocol/review.ts';
import type { Dataset } from '../../store/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { showJournal } from '../dataset/journal-document.ts';
import { prepareModel, storedAccess } from '../dataset/round-commands.ts';
import { DisposableStore } from '../dispose.ts';
import { isCancel, unlessCancelled } from '../reporter.ts';
import type { Services } from '../services.ts';
import { type Grader, gradeByAnnotate } from './late-grades.ts';
import { ReviewPanel, type ReviewServices } from './panel.ts';
import { DatasetReviewSource } from './review-source.ts';
import { reviewer } from './reviewer.ts';
import { announceValues, estimateStepValues, type RunStepValues } from './step-values.ts';
import { UpdateOffer } from './update-classifier.ts';

/** Opens the review editor for a dataset and updates it when files change. */
export class ReviewController implements vscode.Disposable {
  readonly #services: Services;
  readonly #disposables = new DisposableStore();
  #open: { folder: string; source: DatasetReviewSource; services: ReviewServices } | undefined;

  constructor(services: Services) {
    this.#services = services;
    // Requests missing grades of candidate answers.
    this.#disposables.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.#open?.source.changed()));
    this.#disposables.add(
      services.queries.onDidChange((ref) => {
        if (this.#open?.folder !== ref.folder) return;
        this.#open.source.begin();
        void ReviewPanel.current?.refilter();
      }),
    );
    this.#disposables.add(
      services.datasets.onDidChangeContent((ref) => {
        if (this.#open?.folder === ref.folder) this.#open.source.changed();
      }),
    );
  }

  /**
   * Shows the queue of a dataset from its first pending chain.
   * @param what The argument of the command: an item with a query, a round, or anything else for all chains. With `chainId`, that chain is shown.
   */
  async show(ref: DatasetRef, what: unknown): Promise<void> {
    const { services } = await this.#prepare(ref);
    this.#services.queries.set(ref, queryOf(what) ?? []);
    ReviewPanel.show(services, chainIdOf(what));
  }

  /** Restores a panel; closes it if its dataset no longer exists. */
  async revive(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const saved = SavedReview.safeParse(state).data;
    await this.#services.datasets.ready();
    const folder = saved === undefined ? undefined : vscode.Uri.parse(saved.dataset).fsPath;
    const ref = this.#services.datasets.all.find((one) => one.folder === folder);
    if (saved === undefined || ref === undefined) {
      panel.dispose();
      return;
    }
    const { services } = await this.#prepare(ref);
    this.#services.queries.set(ref, saved.query);
    ReviewPanel.revive(panel, services, saved);
  }

  perform(action: ReviewAction): void {
    ReviewPanel.active?.perform(action);
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
    // The open panel is of another reviewer or dataset.
    ReviewPanel.current?.dispose();
    const { queries } = this.#services;
    const holder = {
      query: () => queries.of(ref),
      order: () => queries.orderOf(ref),
      set: (query: Query) => queries.set(ref, query),
    };
    const source = new DatasetReviewSource(dataset, me, holder, this.#grader());
    this.#open = { folder: ref.folder, source, services: this.#servicesFor(ref, dataset, source) };
    return this.#open;
  }

  #grader(): Grader {
    const { verbs, reporter } = this.#services;
    return {
      grade: (text) => gradeByAnnotate(text, (args) => verbs.run('annotate', { ...args, textKey: 'text', workers: 1 })),
      mayGrade: () => vscode.workspace.isTrusted,
      isAbort: isCancel,
      log: (message) => reporter.log.warn(message),
    };
  }

  #servicesFor(ref: DatasetRef, dataset: Dataset, source: DatasetReviewSource): ReviewServices {
    const { context, documents, reporter, verbs, datasets } = this.#services;
    const offer = new UpdateOffer(this.#services, ref, dataset);
    const model = async (): Promise<ModelRef> => {
      const { continuingModel } = await import('../models/select-model.ts');
      const chosen = await continuingModel(this.#services, ref, dataset);
      if (chosen === undefined) throw new vscode.CancellationError();
      return chosen;
    };
    return {
      extension: context.extensionUri,
      dataset: vscode.Uri.file(ref.folder),
      source,
      drafts: context.workspaceState,
      openJournal: (chainId) => showJournal(dataset, chainId, documents),
      tryProblem: async (chainId) => {
        const problem = dataset.index.chain(chainId)?.problemId;
        const { openWorkbench } = await import('../dialogue/workbench/panel.ts');
        await openWorkbench(this.#services, { ref, problem });
      },
      filter: async () => {
        await vscode.commands.executeCommand('longhand.filterChains', { ref });
      },
      regrade: async (chainId) => {
        await verbs.run('regrade', { dataset: ref.folder, chains: [chainId], apply: true });
        await datasets.refresh(ref);
      },
      continueChain: async (request, { signal, onEvent } = {}) => {
        // A plan starts no server and asks for no key.
        const access = await (request.plan ? storedAccess : prepareModel)(this.#services, await model());
        const result = await verbs.run(
          'continue',
          { dataset: ref.folder, ...request },
          { ...defined({ signal, access }), onProgress: ({ continued }) => continued && onEvent?.(continued) },
        );
        if (result.kept !== undefined || result.written) await datasets.refresh(ref);
        return result;
      },
      stepValues: async (chain) => {
        const run: RunStepValues = async (args, title) => {
          const asked = await model();
          const access = args.plan ? undefined : await prepareModel(this.#services, asked);
          return verbs.run('step-values', args, { ...defined({ access }), title });
        };
        const values = await unlessCancelled(estimateStepValues(run, ref.folder, chain, await reviewer()));
        return values && announceValues(values);
      },
      labelled: () => void offer.labelled(),
      log: (message) => reporter.log.info(message),
    };
  }
}

/** The query that the argument of a command names; undefined if it names none. */
export function queryOf(what: unknown): Query | undefined {
  if (typeof what !== 'object' || what === null) return undefined;
  if ('query' in what) return Query.parse(what.query);
  if ('round' in what && typeof what.round === 'string') return [{ field: 'round', op: '=', values: [what.round] }];
  return undefined;
}

function chainIdOf(what: unknown): string | undefined {
  const isNamed = typeof what === 'object' && what !== null && 'chainId' in what && typeof what.chainId === 'string';
  return isNamed ? (what.chainId as string) : undefined;
}
