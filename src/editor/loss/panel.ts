import * as vscode from 'vscode';
import { z } from 'zod';
import { FromLossPage, type LossCommand } from '../../protocol/loss-page.ts';
import { LOSS_VIEW } from '../contributions/index.ts';
import { webviewHtml, webviewRoot } from '../review/html.ts';
import { LossSession, type LossSource } from './session.ts';

interface PanelOptions {
  extension: vscode.Uri;
  run: string;
  others?: readonly string[];
  source: LossSource;
  /** Runs whose state became another. */
  onDidChange: vscode.Event<void>;
  command: (command: LossCommand) => unknown;
  save: (what: 'svg' | 'csv', runs: readonly string[]) => unknown;
  fail: (error: unknown) => void;
  log: (message: string) => void;
}

/** A look reads what was appended to a file, so it may come often: a step of a training is seen within this time. */
const LOOK_MS = 1000;

/** The page of Show Loss: one for each run, a thin shell around `LossSession`. */
export class LossPanel implements vscode.Disposable {
  static readonly #open = new Map<string, LossPanel>();

  /** Opens the page of a run, or shows the one that is open. */
  static show(options: PanelOptions): void {
    const open = LossPanel.#open.get(keyOf(options));
    if (open !== undefined) {
      open.#panel.reveal();
      return;
    }
    const title = vscode.l10n.t('Loss of {0}', options.run);
    LossPanel.revive(
      vscode.window.createWebviewPanel(LOSS_VIEW, title, vscode.ViewColumn.Active, { enableScripts: true }),
      options,
    );
  }

  /** Fills a panel that is empty: a new one, or one that a closed window left open. */
  static revive(panel: vscode.WebviewPanel, options: PanelOptions): void {
    LossPanel.#open.get(keyOf(options))?.dispose();
    LossPanel.#open.set(keyOf(options), new LossPanel(panel, options));
  }

  readonly #panel: vscode.WebviewPanel;
  readonly #options: PanelOptions;
  readonly #session: LossSession;
  readonly #subscriptions: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;
  #ready = false;
  #complaint = '';

  private constructor(panel: vscode.WebviewPanel, options: PanelOptions) {
    this.#panel = panel;
    this.#options = options;
    this.#session = new LossSession(options.source, options.run, options.others);
    this.#subscriptions = [
      panel.onDidDispose(() => this.#gone()),
      options.onDidChange(() => void this.#look()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.#look()),
      panel.webview.onDidReceiveMessage((message: unknown) => void this.#receive(message)),
      // Messages to a hidden webview are lost: what it missed goes over whole. A hidden page is not read for.
      panel.onDidChangeViewState(() => {
        if (panel.visible) void this.#look(true);
        else this.#pause();
      }),
    ];
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(options.extension)] };
    panel.webview.html = webviewHtml(panel.webview, options.extension, 'loss', panel.title);
  }

  dispose(): void {
    this.#panel.dispose();
  }

  #gone(): void {
    this.#pause();
    if (LossPanel.#open.get(keyOf(this.#options)) === this) LossPanel.#open.delete(keyOf(this.#options));
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  async #receive(message: unknown): Promise<void> {
    const { data, error } = FromLossPage.safeParse(message);
    if (data === undefined) {
      this.#options.log(`The page of the loss sent a message that does not fit: ${z.prettifyError(error)}`);
      return;
    }
    switch (data.type) {
      case 'failed':
        this.#options.log(`The page of the loss failed: ${data.message}`);
        return;
      case 'ready':
        this.#ready = true;
        return this.#look(true);
      case 'compare':
        this.#session.compare(data.runs);
        return this.#look(true);
      case 'save':
        return void this.#options.save(data.what, this.#session.shown);
      case 'command':
        return void this.#options.command(data.command);
    }
  }

  /** @param anyway The page has missed something. */
  async #look(anyway = false): Promise<void> {
    this.#pause();
    try {
      const moved = await this.#session.look();
      const view = this.#session.view();
      if (this.#ready && this.#panel.visible && view !== undefined && (moved || anyway)) {
        void this.#panel.webview.postMessage(view);
      }
      this.#complaint = '';
    } catch (error) {
      // Said once, not every second.
      if (this.#complaint !== String(error)) this.#options.fail(error);
      this.#complaint = String(error);
    }
    this.#pause();
    if (this.#subscriptions.length === 0 || !this.#panel.visible || !this.#session.live) return;
    this.#timer = setTimeout(() => void this.#look(), LOOK_MS);
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

const keyOf = ({ source, run }: Pick<PanelOptions, 'source' | 'run'>): string => `${source.folder}\n${run}`;
