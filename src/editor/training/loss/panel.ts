import * as vscode from 'vscode';
import { FromLossPage, type LossCommand, type ToLossPage } from '../../../protocol/loss-page.ts';
import { LOSS_VIEW } from '../../contributions/index.ts';
import { t } from '../../ui/format.ts';
import { WebviewPage } from '../../ui/webview-page.ts';
import { LossSession, type LossSource } from './session.ts';

interface PanelOptions {
  extension: vscode.Uri;
  run: string;
  others?: readonly string[];
  source: LossSource;
  /** The state of runs changed. */
  onDidChange: vscode.Event<void>;
  command: (command: LossCommand) => unknown;
  save: (what: 'svg' | 'csv', runs: readonly string[]) => unknown;
  fail: (error: unknown) => void;
  log: (message: string) => void;
}

/** A refresh reads only what was appended to a file. */
const REFRESH_MS = 1000;

/** The page of Show Loss: one per run, a thin shell around `LossSession`. */
export class LossPanel {
  static readonly #open = new Map<string, LossPanel>();

  /** Opens or reveals the page of a run. */
  static show(options: PanelOptions): void {
    const open = LossPanel.#open.get(keyOf(options));
    if (open === undefined) LossPanel.revive(undefined, options);
    else open.#page.reveal();
  }

  /** Fills a restored panel, or a new one. */
  static revive(panel: vscode.WebviewPanel | undefined, options: PanelOptions): void {
    const open = LossPanel.#open.get(keyOf(options));
    if (open !== undefined) open.#page.dispose();
    LossPanel.#open.set(keyOf(options), new LossPanel(panel, options));
  }

  readonly #page: WebviewPage<FromLossPage, ToLossPage>;
  readonly #options: PanelOptions;
  readonly #session: LossSession;
  #timer: NodeJS.Timeout | undefined;
  #lastError = '';

  private constructor(panel: vscode.WebviewPanel | undefined, options: PanelOptions) {
    this.#options = options;
    this.#session = new LossSession(options.source, options.run, options.others);
    this.#page = new WebviewPage<FromLossPage, ToLossPage>({
      extension: options.extension,
      bundle: 'loss',
      viewType: LOSS_VIEW,
      title: t('Loss of {0}', options.run),
      panel,
      schema: FromLossPage,
      receive: (message) => this.#receive(message),
      shown: () => this.#refresh(true),
      stateChanged: () => this.#pause(),
      gone: () => this.#gone(),
      fail: options.fail,
      log: options.log,
    });
    this.#page.add(options.onDidChange(() => void this.#refresh()));
    this.#page.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.#refresh()));
  }

  #gone(): void {
    this.#pause();
    if (LossPanel.#open.get(keyOf(this.#options)) === this) LossPanel.#open.delete(keyOf(this.#options));
  }

  #receive(data: Exclude<FromLossPage, { type: 'focused' | 'failed' }>): unknown {
    switch (data.type) {
      case 'ready':
        return this.#refresh(true);
      case 'compare':
        this.#session.compare(data.runs);
        return this.#refresh(true);
      case 'save':
        return this.#options.save(data.what, this.#session.shown);
      case 'command':
        return this.#options.command(data.command);
    }
  }

  /** @param always Sends a snapshot even without changes. */
  async #refresh(always = false): Promise<void> {
    this.#pause();
    try {
      const moved = await this.#session.refresh();
      const view = this.#session.view();
      if (this.#page.ready && this.#page.panel.visible && view !== undefined && (moved || always))
        this.#page.post(view);
      this.#lastError = '';
    } catch (error) {
      // Shown once, not every second.
      if (this.#lastError !== String(error)) this.#options.fail(error);
      this.#lastError = String(error);
    }
    this.#pause();
    if (this.#page.gone || !this.#page.panel.visible || !this.#session.live) return;
    this.#timer = setTimeout(() => void this.#refresh(), REFRESH_MS);
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

const keyOf = ({ source, run }: Pick<PanelOptions, 'source' | 'run'>): string => `${source.folder}\n${run}`;
