import { join } from 'node:path';
import * as vscode from 'vscode';
import { z } from 'zod';
import { piecesOf, promptFileOf } from '../../core/dialogue/index.ts';
import { FromWorkbench, type ToWorkbench, type WorkbenchAction } from '../../protocol/workbench.ts';
import type { Dataset } from '../../store/index.ts';
import { workbenchCall } from '../../store/workbench.ts';
import { DisposableStore } from '../dispose.ts';
import type { DatasetRef } from '../find-datasets.ts';
import { webviewHtml, webviewRoot } from '../review/html.ts';
import type { Services } from '../services.ts';
import { type SessionAction, WorkbenchSession } from './session.ts';
import { datasetSource, pickProblem } from './source.ts';

/** An editor writes a file in several steps; the page follows once. */
const SETTLE_MS = 150;

/** The panel of the prompt workbench: one per window, a thin shell around `WorkbenchSession`. */
export class WorkbenchPanel implements vscode.Disposable {
  static #current: WorkbenchPanel | undefined;

  /** Opens the panel on a problem of a dataset; one that shows the same dataset goes on with what it has. */
  static async show(services: Services, ref: DatasetRef, dataset: Dataset, problem: string | undefined): Promise<void> {
    const open = WorkbenchPanel.#current;
    if (open !== undefined && open.#ref.folder === ref.folder) {
      open.#panel.reveal();
      if (problem !== undefined) await open.#session.open(problem);
      return;
    }
    open?.dispose();
    await new WorkbenchPanel(services, ref, dataset).#session.open(problem);
  }

  readonly #services: Services;
  readonly #ref: DatasetRef;
  readonly #dataset: Dataset;
  readonly #panel: vscode.WebviewPanel;
  readonly #session: WorkbenchSession;
  readonly #disposables = new DisposableStore();
  #ready = false;
  #settling: NodeJS.Timeout | undefined;
  /** Snapshots are made one after another, so that the last one sent is the last one made. */
  #sending: Promise<void> = Promise.resolve();

  private constructor(services: Services, ref: DatasetRef, dataset: Dataset) {
    const { extensionUri } = services.context;
    this.#services = services;
    this.#ref = ref;
    this.#dataset = dataset;
    const title = vscode.l10n.t('Prompt Workbench');
    this.#panel = vscode.window.createWebviewPanel('longhand.workbench', title, vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [webviewRoot(extensionUri)],
    });
    this.#session = new WorkbenchSession(datasetSource(services, ref, dataset), {
      changed: () => this.#sendSnapshot(),
      part: (piece, text, reasoning) => this.#post({ type: 'part', piece, text, reasoning }),
      say: (text, tone) => this.#post({ type: 'announce', text, tone }),
    });
    WorkbenchPanel.#current = this;
    this.#watch();
    this.#panel.webview.html = webviewHtml(this.#panel.webview, extensionUri, 'workbench', title);
  }

  dispose(): void {
    this.#panel.dispose();
  }

  #watch(): void {
    const add = (item: vscode.Disposable): vscode.Disposable => this.#disposables.add(item);
    const pattern = new vscode.RelativePattern(vscode.Uri.file(this.#ref.folder), '{longhand.json,prompts/*/*.md}');
    const files = vscode.workspace.createFileSystemWatcher(pattern);
    const settle = (): void => {
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => void this.#guard(() => this.#filesChanged()), SETTLE_MS);
    };
    for (const item of [files, files.onDidChange(settle), files.onDidCreate(settle), files.onDidDelete(settle)])
      add(item);
    add(this.#panel.onDidDispose(() => this.#gone()));
    add(this.#panel.webview.onDidReceiveMessage((message: unknown) => void this.#receive(message)));
    add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.#sendSnapshot()));
    // Messages to a hidden webview are lost: what it missed goes over whole.
    add(
      this.#panel.onDidChangeViewState(() => {
        if (this.#panel.visible) this.#sendSnapshot();
      }),
    );
  }

  #gone(): void {
    if (WorkbenchPanel.#current === this) WorkbenchPanel.#current = undefined;
    clearTimeout(this.#settling);
    this.#session.dispose();
    this.#disposables.dispose();
  }

  async #filesChanged(): Promise<void> {
    const said = await this.#session.promptsChanged();
    if (said !== undefined) this.#post({ type: 'announce', text: said, tone: 'info' });
    this.#sendSnapshot();
  }

  async #receive(message: unknown): Promise<void> {
    const { data, error } = FromWorkbench.safeParse(message);
    if (data === undefined) this.#log(`The workbench page sent a message that does not fit: ${z.prettifyError(error)}`);
    else if (data.type === 'failed') this.#log(`The workbench page failed: ${data.message}`);
    else if (data.type === 'ready') {
      this.#ready = true;
      this.#sendSnapshot();
    } else await this.#guard(() => this.#perform(data.action, data.piece));
  }

  async #perform(action: WorkbenchAction, piece: string | undefined): Promise<void> {
    switch (action) {
      case 'edit':
        return this.#edit(piece);
      case 'choose': {
        const picked = await pickProblem(this.#dataset, this.#session.problemId);
        return picked === undefined ? undefined : this.#session.open(picked);
      }
      case 'journal':
        return this.#openJournal(piece);
      case 'next':
      case 'previous':
      case 'messages':
      case 'reasoning':
      case 'compare':
      case 'help':
        // The page does these itself.
        return undefined;
      default:
        return this.#session.perform(action satisfies SessionAction, piece);
    }
  }

  /** Opens the prompt file of a piece beside the page. */
  async #edit(piece: string | undefined): Promise<void> {
    const { promptSet, dialogue } = this.#dataset.settings;
    const name = promptFileOf(piecesOf(dialogue.turns).find((one) => one === piece) ?? 'answer[1]');
    const folder = this.#dataset.promptsFolder(promptSet);
    await vscode.window.showTextDocument(vscode.Uri.file(join(folder, `${name}.md`)), {
      viewColumn: vscode.ViewColumn.Beside,
    });
  }

  async #openJournal(piece: string | undefined): Promise<void> {
    const last = piece === undefined ? undefined : this.#session.last(piece);
    const line = last && (await workbenchCall(this.#ref.folder, last.key));
    if (!line) {
      this.#post({ type: 'announce', text: 'This piece has not been asked for yet.', tone: 'warning' });
      return;
    }
    const name = `${line.problemId} ${line.piece}.journal.json`;
    await this.#services.documents.show(name, `${JSON.stringify(line, null, 2)}\n`);
  }

  #sendSnapshot(): void {
    if (!this.#ready) return;
    this.#sending = this.#sending.then(() =>
      this.#guard(async () => this.#post({ type: 'snapshot', ...(await this.#session.view()) })),
    );
  }

  #post(message: ToWorkbench): void {
    void this.#panel.webview.postMessage(message);
  }

  #log(text: string): void {
    this.#services.reporter.log.info(text);
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#log(`Workbench: ${text}`);
      this.#post({ type: 'announce', text, tone: 'error' });
    }
  }
}
