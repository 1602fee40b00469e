import * as vscode from 'vscode';
import { z } from 'zod';
import { FromPlanPage, type PlanPageChoices } from '../../protocol/plan-page.ts';
import { webviewHtml, webviewRoot } from '../review/html.ts';
import type { RoundPlace } from '../round-places.ts';
import { type ChosenPlace, PlanSession, type PlanSource } from './session.ts';

interface PanelOptions {
  extension: vscode.Uri;
  /** Of the dataset. */
  folder: string;
  source: PlanSource;
  /** What a button of the page does elsewhere. */
  command: (name: Exclude<Extract<FromPlanPage, { type: 'command' }>['command'], 'choosePlace'>) => void;
  /** Asks where the model is asked from; `moved` hears of another place than the one before. */
  choosePlace: (
    before: RoundPlace | undefined,
    choices: PlanPageChoices,
    moved: (place: ChosenPlace | undefined) => void,
  ) => void;
  /** Tells that the plan may be another for what changed elsewhere. */
  onDidChange: (changed: () => void) => vscode.Disposable;
  /** Hears what breaks. */
  log: (message: string) => void;
}

/** The page of Plan Sampling Round: one per window, a thin shell around `PlanSession`. */
export class PlanPanel implements vscode.Disposable {
  static #current: PlanPanel | undefined;

  /** Opens the page, in the place of one that is open; one of the same dataset is shown as it stands, with all that was chosen. */
  static show(options: PanelOptions): void {
    const open = PlanPanel.#current;
    if (open !== undefined && open.#options.folder === options.folder) {
      open.#panel.reveal();
      return;
    }
    open?.dispose();
    const title = vscode.l10n.t('Plan Sampling Round');
    const panel = vscode.window.createWebviewPanel('longhand.planSampling', title, vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [webviewRoot(options.extension)],
    });
    PlanPanel.#current = new PlanPanel(panel, options);
  }

  readonly #panel: vscode.WebviewPanel;
  readonly #options: PanelOptions;
  readonly #session: PlanSession;
  readonly #subscriptions: vscode.Disposable[];
  #ready = false;

  private constructor(panel: vscode.WebviewPanel, options: PanelOptions) {
    this.#panel = panel;
    this.#options = options;
    this.#session = new PlanSession(options.source, () => this.#send());
    this.#subscriptions = [
      panel.onDidDispose(() => this.#gone()),
      options.onDidChange(() => void this.#session.again()),
      panel.webview.onDidReceiveMessage((message: unknown) => void this.#receive(message)),
      // Messages to a hidden webview are lost: what it missed goes over whole.
      panel.onDidChangeViewState(() => {
        if (panel.visible && this.#ready) this.#send();
      }),
    ];
    panel.webview.html = webviewHtml(panel.webview, options.extension, 'plan', panel.title);
  }

  dispose(): void {
    this.#panel.dispose();
  }

  #gone(): void {
    if (PlanPanel.#current === this) PlanPanel.#current = undefined;
    this.#session.dispose();
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  async #receive(message: unknown): Promise<void> {
    const { data, error } = FromPlanPage.safeParse(message);
    if (data === undefined) {
      this.#options.log(`The page of the plan sent a message that does not fit: ${z.prettifyError(error)}`);
      return;
    }
    switch (data.type) {
      case 'failed':
        this.#options.log(`The page of the plan failed: ${data.message}`);
        return;
      case 'ready':
        // A page that was hidden comes back and asks anew.
        if (this.#ready) return this.#send();
        this.#ready = true;
        return this.#session.change({});
      case 'change':
        return this.#session.change(data.choices);
      case 'command': {
        if (data.command !== 'choosePlace') return this.#options.command(data.command);
        const { place } = this.#session;
        const { choices } = this.#session.view();
        return this.#options.choosePlace(place, choices, (moved) => this.#session.moveTo(moved));
      }
      case 'run':
        if (await this.#session.start()) this.dispose();
        return;
    }
  }

  #send(): void {
    void this.#panel.webview.postMessage(this.#session.view());
  }
}
