import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { messageOf } from '../../../core/errors.ts';
import { reportCsv, reportMarkdown } from '../../../core/review/calibration/index.ts';
import { BEHAVIOURS } from '../../../core/schemas/index.ts';
import { FromCalibrate, type ToCalibrate } from '../../../protocol/calibrate.ts';
import type { CalibrateAction } from '../../../protocol/keys.ts';
import { t } from '../../ui/format.ts';
import { WebviewPage } from '../../ui/webview-page.ts';
import { CalibrationSession, type CalibrationSource } from './session.ts';

/** Editor functions of the panel. */
interface CalibrationHooks {
  log(message: string): void;
  /** After each label. */
  labelled(): void;
}

/** Actions that may write a label. */
const LABELS: ReadonlySet<CalibrateAction> = new Set([...BEHAVIOURS, 'none', 'confirm']);

/** The panel of Calibrate Classifier: one per window, a thin shell around `CalibrationSession`. */
export class CalibrationPanel {
  static #current: CalibrationPanel | undefined;

  /** Opens the panel with a calibration, replacing an open one. */
  static show(extension: vscode.Uri, source: CalibrationSource, hooks: CalibrationHooks): void {
    const open = CalibrationPanel.#current;
    if (open !== undefined) open.#page.dispose();
    CalibrationPanel.#current = new CalibrationPanel(extension, source, hooks);
  }

  readonly #page: WebviewPage<FromCalibrate, ToCalibrate>;
  readonly #session: CalibrationSession;

  private constructor(extension: vscode.Uri, source: CalibrationSource, { log, labelled }: CalibrationHooks) {
    this.#session = new CalibrationSession(source, { id: () => randomUUID(), at: () => new Date().toISOString() });
    this.#page = new WebviewPage<FromCalibrate, ToCalibrate>({
      extension,
      bundle: 'calibrate',
      viewType: 'longhand.calibrate',
      title: t('Longhand Calibration'),
      schema: FromCalibrate,
      receive: async (message) => {
        if (message.type === 'perform') await this.#perform(message.action);
        await this.#sendSnapshot();
        if (message.type === 'perform' && LABELS.has(message.action)) labelled();
      },
      shown: () => this.#sendSnapshot(),
      gone: () => {
        if (CalibrationPanel.#current === this) CalibrationPanel.#current = undefined;
      },
      fail: (error) => {
        const text = messageOf(error);
        log(`Calibration: ${text}`);
        this.#page.post({ type: 'announce', text, tone: 'error' });
      },
      log,
    });
  }

  async #perform(action: CalibrateAction): Promise<void> {
    if (action === 'copyMarkdown' || action === 'copyCsv') return this.#copy(action);
    const text = await this.#session.perform(action);
    if (text !== undefined) this.#page.post({ type: 'announce', text, tone: 'warning' });
  }

  async #copy(action: 'copyMarkdown' | 'copyCsv'): Promise<void> {
    const report = await this.#session.report();
    await vscode.env.clipboard.writeText(action === 'copyCsv' ? reportCsv(report) : reportMarkdown(report));
    this.#page.post({ type: 'announce', text: 'Copied.', tone: 'info' });
  }

  async #sendSnapshot(): Promise<void> {
    this.#page.post({ type: 'snapshot', ...(await this.#session.view()) });
  }
}
