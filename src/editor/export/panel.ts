import type * as vscode from 'vscode';
import type { ExportPlan } from '../../protocol/export.ts';
import { type ExportChoices, FromExportPage, type ToExportPage } from '../../protocol/export-page.ts';
import { t } from '../ui/format.ts';
import { LivePlan } from '../ui/live-plan.ts';
import { WebviewPage } from '../ui/webview-page.ts';

interface PanelOptions {
  /** Root of the extension, above `dist/`. */
  extension: vscode.Uri;
  /** Folder of the dataset, and its name. */
  folder: string;
  dataset: string;
  /** The chains that the export is limited to; undefined for all. */
  named: readonly string[] | undefined;
  /** The first choices. */
  first: ExportChoices;
  /** Plans an export without writing anything. */
  plan: (choices: ExportChoices, chains: readonly string[] | undefined, signal: AbortSignal) => Promise<ExportPlan>;
  write: (choices: ExportChoices, chains: readonly string[] | undefined) => Promise<void>;
  /** Shows chains in the chain table. */
  chains: (query: string) => void;
  examine: () => void;
  /** Calls `changed` when the plan may be outdated. */
  onDidChange: (changed: () => void) => vscode.Disposable;
  log: (message: string) => void;
}

/** Milliseconds between a change of the dataset and the next plan. */
const AGAIN_MS = 1_500;

/** The page of Export Training Set: one per window. */
export class ExportPanel {
  static #current: ExportPanel | undefined;

  /** Opens the page, replacing that of another dataset or of other chains. A page of the same export is revealed with its choices. */
  static show(options: PanelOptions): void {
    const open = ExportPanel.#current;
    if (open !== undefined && isSame(open.#options, options)) {
      open.#page.reveal();
      return;
    }
    if (open !== undefined) open.#page.dispose();
    ExportPanel.#current = new ExportPanel(options);
  }

  readonly #page: WebviewPage<FromExportPage, ToExportPage>;
  readonly #options: PanelOptions;
  readonly #live: LivePlan<ExportChoices, ExportPlan>;
  #named: readonly string[] | undefined;
  #planned = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: PanelOptions) {
    this.#options = options;
    this.#named = options.named;
    this.#live = new LivePlan(
      (choices, signal) => options.plan(choices, this.#named, signal),
      () => this.#send(),
      {
        choices: options.first,
      },
    );
    this.#page = new WebviewPage<FromExportPage, ToExportPage>({
      extension: options.extension,
      bundle: 'export',
      viewType: 'longhand.export',
      title: t('Export Training Set'),
      schema: FromExportPage,
      receive: (message) => this.#receive(message),
      shown: () => this.#send(),
      gone: () => {
        if (ExportPanel.#current === this) ExportPanel.#current = undefined;
      },
      fail: (error) => options.log(`Export Training Set: ${String(error)}`),
      log: options.log,
    });
    this.#page.add(options.onDidChange(() => this.#planSoon()));
    this.#page.add({ dispose: () => clearTimeout(this.#timer) });
    this.#page.add(this.#live);
  }

  async #receive(message: Exclude<FromExportPage, { type: 'focused' | 'failed' }>): Promise<void> {
    switch (message.type) {
      case 'ready':
        // A hidden page sends this again when it is visible.
        if (this.#planned) return this.#send();
        this.#planned = true;
        return this.#live.again();
      case 'change':
        return this.#live.change(message.choices);
      case 'allChains':
        this.#named = undefined;
        return this.#live.change(this.#live.view().choices);
      case 'chains':
        return this.#options.chains(message.query);
      case 'examine':
        return this.#options.examine();
      case 'write':
        if (await this.#live.start(message.plan, (choices) => this.#options.write(choices, this.#named)))
          this.#page.dispose();
        return;
    }
  }

  /** Plans again after a change of the dataset. A running round changes it twice a second. */
  #planSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#live.again();
    }, AGAIN_MS);
  }

  #send(): void {
    const named = this.#named?.length ?? null;
    this.#page.post({ type: 'snapshot', dataset: this.#options.dataset, named, ...this.#live.view() });
  }
}

/** Whether two pages are of the same chains of a dataset. */
const isSame = (a: PanelOptions, b: PanelOptions): boolean =>
  a.folder === b.folder && JSON.stringify(a.named) === JSON.stringify(b.named);
