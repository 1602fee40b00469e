import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { z } from 'zod';
import { KEY_PAGES } from '../../protocol/keys.ts';
import type { PageReport } from '../../protocol/page.ts';
import { type Disposable, DisposableStore } from '../dispose.ts';
import { pageHtml } from './page-html.ts';
import { keyOverrides, onKeysChanged } from './page-keys.ts';
import { plainText } from './plain-text.ts';
import { returnFocus } from './quick-input.ts';

interface PageOptions<In extends { type: string }> {
  /** Root of the extension, above `dist/`. */
  extension: vscode.Uri;
  /** The built webview: `dist/webview/<bundle>.js` and `.css`. */
  bundle:
    | ('review' | 'calibrate' | 'dashboard' | 'workbench' | 'plan')
    | ('difficulty' | 'loss' | 'examine' | 'chains' | 'export' | 'selections');
  viewType: string;
  title: string;
  /** A restored panel, used instead of a new one. */
  panel?: vscode.WebviewPanel | undefined;
  /** Messages that the page may send. */
  schema: z.ZodType<In>;
  /** Handles a message of the page other than its reports. Errors go to `fail`. */
  receive: (message: Exclude<In, PageReport>) => unknown;
  /** The page is visible again. Messages to a hidden webview are lost, so send a full snapshot. */
  shown: () => unknown;
  /** The page became visible, hidden, active or inactive. */
  stateChanged?: () => void;
  gone?: () => void;
  fail: (error: unknown) => void;
  log: (message: string) => void;
}

/** A webview panel with one of our pages: its content policy, its messages and its disposables. */
export class WebviewPage<In extends { type: string }, Out> implements vscode.Disposable {
  readonly panel: vscode.WebviewPanel;
  readonly #options: PageOptions<In>;
  readonly #disposables = new DisposableStore();
  #ready = false;
  #gone = false;

  constructor(options: PageOptions<In>) {
    const { extension, viewType, title, bundle } = options;
    const root = vscode.Uri.joinPath(extension, 'dist', 'webview');
    this.#options = options;
    this.panel =
      options.panel ?? vscode.window.createWebviewPanel(viewType, plainText(title), vscode.ViewColumn.Active);
    this.panel.webview.options = { enableScripts: true, localResourceRoots: [root] };
    this.add(this.panel.onDidDispose(() => this.#end()));
    this.add(this.panel.webview.onDidReceiveMessage((message: unknown) => this.guard(() => this.#receive(message))));
    this.add(
      this.panel.onDidChangeViewState(() => {
        options.stateChanged?.();
        if (this.panel.visible && this.#ready) void this.guard(options.shown);
      }),
    );
    const load = (): void => {
      this.panel.webview.html = htmlOf(this.panel.webview, root, bundle, title);
    };
    // The page starts again with the new keys, and restores its state.
    if (bundle in KEY_PAGES) this.add(onKeysChanged(load));
    load();
  }

  /** Shows the title of the tab as it is. */
  setTitle(text: string): void {
    const title = plainText(text);
    if (this.panel.title !== title) this.panel.title = title;
  }

  /** The page has started and receives messages while it is visible. */
  get ready(): boolean {
    return this.#ready;
  }

  get gone(): boolean {
    return this.#gone;
  }

  post(message: Out): void {
    if (!this.#gone) void this.panel.webview.postMessage(message);
  }

  /** Adds something to dispose with the page. */
  add(item: Disposable): void {
    this.#disposables.add(item);
  }

  reveal(): void {
    this.panel.reveal();
  }

  dispose(): void {
    this.panel.dispose();
  }

  /** Runs `work`; errors go to `fail`. */
  async guard(work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.fail(error);
    }
  }

  #end(): void {
    this.#ready = false;
    this.#gone = true;
    this.#options.gone?.();
    this.#disposables.dispose();
  }

  #receive(message: unknown): unknown {
    const { receive, schema, title, log } = this.#options;
    const { success, data, error } = schema.safeParse(message);
    if (!success) return log(`${title}: the page sent an invalid message: ${z.prettifyError(error)}`);
    if (isOwn(data)) {
      if (data.type === 'ready') this.#ready = true;
      return receive(data);
    }
    const report = data as PageReport;
    return report.type === 'focused' ? returnFocus() : log(`${title}: the page failed: ${report.message}`);
  }
}

/** Whether the message is not one of the reports, which are the same on every page. */
function isOwn<In extends { type: string }>(message: In): message is Exclude<In, PageReport> {
  return message.type !== 'focused' && message.type !== 'failed';
}

function htmlOf(webview: vscode.Webview, root: vscode.Uri, bundle: string, title: string): string {
  const uri = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
  const nonce = (): string => randomBytes(18).toString('base64');
  return pageHtml(
    {
      origin: webview.cspSource,
      script: uri(`${bundle}.js`),
      style: uri(`${bundle}.css`),
      nonce: nonce(),
      styleNonce: nonce(),
    },
    title,
    keyOverrides(),
  );
}
