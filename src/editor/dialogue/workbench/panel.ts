import { join } from 'node:path';
import * as vscode from 'vscode';
import { piecesOf, promptFileOf } from '../../../core/dialogue/index.ts';
import { messageOf } from '../../../core/errors.ts';
import type { WorkbenchAction } from '../../../protocol/keys.ts';
import { FromWorkbench, type ToWorkbench } from '../../../protocol/workbench.ts';
import type { Dataset } from '../../../store/index.ts';
import { workbenchCall } from '../../../store/workbench.ts';
import type { DatasetRef } from '../../dataset/find-datasets.ts';
import type { Services } from '../../services.ts';
import { t } from '../../ui/format.ts';
import { WebviewPage } from '../../ui/webview-page.ts';
import { type SessionAction, WorkbenchSession } from './session.ts';
import { datasetSource, pickProblem } from './source.ts';

/** Open Prompt Workbench: for the dataset of the argument or of a prompt file, with its first problem or the one of the argument. */
export async function openWorkbench(services: Services, argument: unknown): Promise<void> {
  await services.datasets.ready();
  const around = argument instanceof vscode.Uri ? services.datasets.containing(argument) : undefined;
  const ref = around ?? (await services.datasets.resolve(argument));
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  await WorkbenchPanel.show(services, ref, dataset, problemOf(argument));
}

function problemOf(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null || !('problem' in argument)) return undefined;
  return typeof argument.problem === 'string' ? argument.problem : undefined;
}

/** Editors write a file in several steps. */
const SETTLE_MS = 150;

/** The panel of the prompt workbench: one per window, a thin shell around `WorkbenchSession`. */
export class WorkbenchPanel {
  static #current: WorkbenchPanel | undefined;

  /** Opens the panel on a problem of a dataset. A panel of the same dataset keeps its content. */
  static async show(services: Services, ref: DatasetRef, dataset: Dataset, problem: string | undefined): Promise<void> {
    const open = WorkbenchPanel.#current;
    if (open !== undefined && open.#ref.folder === ref.folder) {
      open.#page.reveal();
      if (problem !== undefined) await open.#session.open(problem);
      return;
    }
    if (open !== undefined) open.#page.dispose();
    await new WorkbenchPanel(services, ref, dataset).#session.open(problem);
  }

  readonly #services: Services;
  readonly #ref: DatasetRef;
  readonly #dataset: Dataset;
  readonly #page: WebviewPage<FromWorkbench, ToWorkbench>;
  readonly #session: WorkbenchSession;
  #settling: NodeJS.Timeout | undefined;
  /** Snapshots are made and sent one after another. */
  #sending: Promise<void> = Promise.resolve();

  private constructor(services: Services, ref: DatasetRef, dataset: Dataset) {
    this.#services = services;
    this.#ref = ref;
    this.#dataset = dataset;
    this.#session = new WorkbenchSession(datasetSource(services, ref, dataset), {
      changed: () => this.#sendSnapshot(),
      part: (piece, text, reasoning) => this.#page.post({ type: 'part', piece, text, reasoning }),
      announce: (text, tone) => this.#page.post({ type: 'announce', text, tone }),
    });
    this.#page = new WebviewPage<FromWorkbench, ToWorkbench>({
      extension: services.context.extensionUri,
      bundle: 'workbench',
      viewType: 'longhand.workbench',
      title: t('Prompt Workbench'),
      schema: FromWorkbench,
      receive: (message) =>
        message.type === 'ready' ? this.#sendSnapshot() : this.#perform(message.action, message.piece),
      shown: () => this.#sendSnapshot(),
      gone: () => this.#gone(),
      fail: (error) => {
        const text = messageOf(error);
        this.#log(`Workbench: ${text}`);
        this.#page.post({ type: 'announce', text, tone: 'error' });
      },
      log: (message) => this.#log(message),
    });
    WorkbenchPanel.#current = this;
    this.#watch();
  }

  #watch(): void {
    const pattern = new vscode.RelativePattern(vscode.Uri.file(this.#ref.folder), '{longhand.json,prompts/*/*.md}');
    const files = vscode.workspace.createFileSystemWatcher(pattern);
    const settle = (): void => {
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => void this.#page.guard(() => this.#filesChanged()), SETTLE_MS);
    };
    for (const item of [files, files.onDidChange(settle), files.onDidCreate(settle), files.onDidDelete(settle)])
      this.#page.add(item);
    this.#page.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.#sendSnapshot()));
    this.#page.add(this.#session);
  }

  #gone(): void {
    if (WorkbenchPanel.#current === this) WorkbenchPanel.#current = undefined;
    clearTimeout(this.#settling);
  }

  async #filesChanged(): Promise<void> {
    const text = await this.#session.promptsChanged();
    if (text !== undefined) this.#page.post({ type: 'announce', text, tone: 'info' });
    this.#sendSnapshot();
  }

  async #perform(action: WorkbenchAction, piece: string | undefined): Promise<void> {
    switch (action) {
      case 'edit':
        return this.#edit(piece);
      case 'choose': {
        const picked = await pickProblem(this.#dataset, this.#session.problemId, (text) =>
          this.#services.reporter.log.warn(text),
        );
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
        // The page handles these.
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
      this.#page.post({ type: 'announce', text: 'This piece is not requested yet.', tone: 'warning' });
      return;
    }
    const name = `${line.problemId} ${line.piece}.journal.json`;
    await this.#services.documents.show(name, `${JSON.stringify(line, null, 2)}\n`);
  }

  #sendSnapshot(): void {
    if (!this.#page.ready) return;
    this.#sending = this.#sending.then(() =>
      this.#page.guard(async () => this.#page.post({ type: 'snapshot', ...(await this.#session.view()) })),
    );
  }

  #log(text: string): void {
    this.#services.reporter.log.info(text);
  }
}
