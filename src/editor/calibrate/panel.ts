import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { z } from 'zod';
import { reportCsv, reportMarkdown } from '../../core/calibration/index.ts';
import { type CalibrateAction, FromCalibrate, type ToCalibrate } from '../../protocol/calibrate.ts';
import { webviewHtml, webviewRoot } from '../review/html.ts';
import { CalibrationSession, type CalibrationSource } from './session.ts';

/** The panel of Calibrate Detectors: one per window, a thin shell around `CalibrationSession`. */
export class CalibrationPanel implements vscode.Disposable {
  static #current: CalibrationPanel | undefined;

  /** Opens the panel on a calibration, in the place of one that is open. `log` hears what breaks. */
  static show(extension: vscode.Uri, source: CalibrationSource, log: (message: string) => void): CalibrationPanel {
    CalibrationPanel.#current?.dispose();
    const title = vscode.l10n.t('Longhand Calibration');
    const panel = vscode.window.createWebviewPanel('longhand.calibrate', title, vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [webviewRoot(extension)],
    });
    return new CalibrationPanel(panel, extension, source, log);
  }

  readonly #panel: vscode.WebviewPanel;
  readonly #session: CalibrationSession;
  readonly #log: (message: string) => void;
  readonly #subscriptions: vscode.Disposable[];
  #ready = false;

  private constructor(
    panel: vscode.WebviewPanel,
    extension: vscode.Uri,
    source: CalibrationSource,
    log: (message: string) => void,
  ) {
    this.#panel = panel;
    this.#log = log;
    this.#session = new CalibrationSession(source, { id: () => randomUUID(), at: () => new Date().toISOString() });
    CalibrationPanel.#current = this;
    this.#subscriptions = [
      panel.onDidDispose(() => this.#gone()),
      panel.webview.onDidReceiveMessage((message: unknown) => void this.#receive(message)),
      // Messages to a hidden webview are lost: what it missed goes over whole.
      panel.onDidChangeViewState(() => {
        if (panel.visible && this.#ready) void this.#guard(() => this.#sendSnapshot());
      }),
    ];
    panel.webview.html = webviewHtml(panel.webview, extension, 'calibrate', panel.title);
  }

  dispose(): void {
    this.#panel.dispose();
  }

  #gone(): void {
    if (CalibrationPanel.#current === this) CalibrationPanel.#current = undefined;
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  async #receive(message: unknown): Promise<void> {
    const { data, error } = FromCalibrate.safeParse(message);
    if (data === undefined) {
      this.#log(`The calibration page sent a message that does not fit: ${z.prettifyError(error)}`);
    } else if (data.type === 'failed') {
      this.#log(`The calibration page failed: ${data.message}`);
    } else {
      this.#ready = true;
      await this.#guard(async () => {
        if (data.type === 'perform') await this.#perform(data.action);
        await this.#sendSnapshot();
      });
    }
  }

  async #perform(action: CalibrateAction): Promise<void> {
    if (action === 'copyMarkdown' || action === 'copyCsv') return this.#copy(action);
    const said = await this.#session.perform(action);
    if (said !== undefined) this.#post({ type: 'announce', text: said, tone: 'warning' });
  }

  async #copy(action: 'copyMarkdown' | 'copyCsv'): Promise<void> {
    const report = await this.#session.report();
    await vscode.env.clipboard.writeText(action === 'copyCsv' ? reportCsv(report) : reportMarkdown(report));
    this.#post({ type: 'announce', text: 'Copied.', tone: 'info' });
  }

  async #sendSnapshot(): Promise<void> {
    this.#post({ type: 'snapshot', ...(await this.#session.view()) });
  }

  #post(message: ToCalibrate): void {
    void this.#panel.webview.postMessage(message);
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#log(`Calibration: ${text}`);
      this.#post({ type: 'announce', text, tone: 'error' });
    }
  }
}
