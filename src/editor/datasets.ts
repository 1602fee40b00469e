import { sep } from 'node:path';
import * as vscode from 'vscode';
import type { Dataset } from '../store/index.ts';
import { setContext } from './context.ts';
import { DisposableStore } from './dispose.ts';
import { type DatasetRef, findDatasets, SETTINGS_FILE } from './find-datasets.ts';
import { ActionableError, commandAction, type Reporter } from './reporter.ts';

/** Something of a dataset in a tree; commands take it as their argument. */
interface OfDataset {
  ref: DatasetRef;
}

const CURRENT = 'longhand.currentDataset';
/** A running round appends several lines a second; the views follow once in this time. */
const SETTLE_MS = 1000;
/** Written by the runner all the time and read by `Rounds`, or of no interest to the views. */
const NOISE = /(?:^\.|runner\.json$|runner\.log$|runner\.lock$|journal\.jsonl$|\.tmp$)/;

/** The datasets of the workspace: which there are, which one commands speak of, and their open stores. */
export class Datasets implements vscode.Disposable {
  readonly #reporter: Reporter;
  readonly #state: vscode.Memento;
  readonly #disposables = new DisposableStore();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<void>());
  readonly #contentChanged = this.#disposables.add(new vscode.EventEmitter<DatasetRef>());
  readonly #opened = new Map<string, Promise<Dataset>>();
  readonly #watchers = new Map<string, vscode.Disposable>();
  readonly #settling = new Map<string, NodeJS.Timeout>();
  #refs: readonly DatasetRef[] = [];
  #finding: Promise<void> | undefined;

  /** The list or the current one changed. */
  readonly onDidChange = this.#changed.event;
  /** Files of a dataset changed and its index has read them. */
  readonly onDidChangeContent = this.#contentChanged.event;

  constructor(reporter: Reporter, state: vscode.Memento) {
    this.#reporter = reporter;
    this.#state = state;
    const settings = this.#disposables.add(vscode.workspace.createFileSystemWatcher(`**/${SETTINGS_FILE}`));
    this.#disposables.add(settings.onDidCreate(() => void this.find()));
    this.#disposables.add(settings.onDidDelete(() => void this.find()));
    this.#disposables.add(settings.onDidChange((file) => void this.#settingsChanged(file)));
    this.#disposables.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void this.find()));
  }

  get all(): readonly DatasetRef[] {
    return this.#refs;
  }

  /** The one that was chosen, or the only one. */
  get current(): DatasetRef | undefined {
    const chosen = this.#state.get<string>(CURRENT);
    return this.#refs.find((ref) => ref.folder === chosen) ?? (this.#refs.length === 1 ? this.#refs[0] : undefined);
  }

  /** Resolves when the first look at the workspace is over. */
  ready(): Promise<void> {
    return this.#finding ?? this.find();
  }

  /** Looks for datasets in the workspace folders. */
  find(): Promise<void> {
    this.#finding = this.#find().catch((error: unknown) => {
      void this.#reporter.error(error);
    });
    return this.#finding;
  }

  async select(ref: DatasetRef): Promise<void> {
    await this.#state.update(CURRENT, ref.folder);
    this.#changed.fire();
  }

  /** The store of a dataset, opened once. Throws StoreError when the folder is no valid dataset, ActionableError when its settings can't be used; the next call tries again. */
  open(ref: DatasetRef): Promise<Dataset> {
    const known = this.#opened.get(ref.folder);
    if (known !== undefined) return known;
    const opening = this.#openStore(ref);
    this.#opened.set(ref.folder, opening);
    opening.catch(() => this.#opened.delete(ref.folder));
    return opening;
  }

  /** Reads what is new in the folder and tells the views, which say what is wrong where it can't be read. */
  async refresh(ref: DatasetRef): Promise<void> {
    try {
      await (await this.#opened.get(ref.folder))?.refresh();
    } catch (error) {
      this.#reporter.log.warn(`${ref.folder}: ${String(error)}`);
    }
    this.#contentChanged.fire(ref);
  }

  /**
   * The dataset that a command is about: of its argument, the current one, or the one that is picked.
   *
   * @throws {ActionableError} when there is none. @throws {CancellationError} when none was picked.
   */
  async resolve(argument?: unknown): Promise<DatasetRef> {
    await this.ready();
    if (isOfDataset(argument)) return argument.ref;
    if (this.current !== undefined) return this.current;
    if (this.#refs.length === 0) throw noDataset();
    return this.pick();
  }

  /** Asks which dataset commands shall speak of from now on. */
  async pick(): Promise<DatasetRef> {
    await this.ready();
    if (this.#refs.length === 0) throw noDataset();
    const items = this.#refs.map((ref) => ({ label: ref.name, description: this.pathOf(ref), ref }));
    const picked = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Which dataset?') });
    if (picked === undefined) throw new vscode.CancellationError();
    await this.select(picked.ref);
    return picked.ref;
  }

  /** The dataset that a file lies in. */
  containing(file: vscode.Uri): DatasetRef | undefined {
    return this.#refs.find((ref) => file.fsPath.startsWith(ref.folder + sep));
  }

  /** The folder as the user sees it, relative to the workspace. */
  pathOf(ref: DatasetRef): string {
    return vscode.workspace.asRelativePath(ref.folder);
  }

  dispose(): void {
    for (const timer of this.#settling.values()) clearTimeout(timer);
    for (const watcher of this.#watchers.values()) watcher.dispose();
    for (const folder of this.#opened.keys()) this.#close(folder);
    this.#disposables.dispose();
  }

  async #find(): Promise<void> {
    const roots = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
    this.#refs = await findDatasets(roots.map((folder) => folder.uri.fsPath));
    const folders = new Set(this.#refs.map((ref) => ref.folder));
    for (const folder of this.#opened.keys()) if (!folders.has(folder)) this.#close(folder);
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.dispose();
      this.#watchers.delete(folder);
    }
    for (const ref of this.#refs) if (!this.#watchers.has(ref.folder)) this.#watchers.set(ref.folder, this.#watch(ref));
    setContext('longhand.dataset', this.#refs.length === 0 ? 'none' : 'open');
    setContext('longhand.datasets', this.#refs.length > 1 ? 'many' : 'one');
    this.#changed.fire();
  }

  async #openStore(ref: DatasetRef): Promise<Dataset> {
    const { Dataset, StoreError } = await import('../store/index.ts');
    try {
      return await Dataset.open(ref.folder, { log: (text) => this.#reporter.log.info(text) });
    } catch (error) {
      if (error instanceof StoreError && error.problem === 'bad-settings') throw badSettings(ref, error);
      throw error;
    }
  }

  #close(folder: string): void {
    const opened = this.#opened.get(folder);
    this.#opened.delete(folder);
    opened
      ?.then((dataset) => dataset.close())
      .catch((error: unknown) => this.#reporter.log.warn(`${folder}: ${String(error)}`));
  }

  async #settingsChanged(file: vscode.Uri): Promise<void> {
    await this.find();
    const ref = this.containing(file);
    const opened = ref === undefined ? undefined : this.#opened.get(ref.folder);
    if (ref === undefined || opened === undefined) return;
    try {
      await (await opened).reloadSettings();
    } catch (error) {
      // Half-typed JSON, as a rule. The views open the dataset again and say what is wrong with it.
      this.#reporter.log.warn(String(error));
      this.#close(ref.folder);
    }
    this.#contentChanged.fire(ref);
  }

  #watch(ref: DatasetRef): vscode.Disposable {
    const pattern = new vscode.RelativePattern(
      vscode.Uri.file(ref.folder),
      '{problems/*,reviews/*,rounds/*,rounds/*/*,exports/*,evaluations/*,evaluations/*/scores.json}',
    );
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const changed = (file: vscode.Uri) => {
      if (!NOISE.test(file.path.slice(file.path.lastIndexOf('/') + 1))) this.#settle(ref);
    };
    return vscode.Disposable.from(
      watcher,
      watcher.onDidCreate(changed),
      watcher.onDidChange(changed),
      watcher.onDidDelete(changed),
    );
  }

  #settle(ref: DatasetRef): void {
    if (this.#settling.has(ref.folder)) return;
    const timer = setTimeout(() => {
      this.#settling.delete(ref.folder);
      void this.refresh(ref);
    }, SETTLE_MS);
    this.#settling.set(ref.folder, timer);
  }
}

function isOfDataset(value: unknown): value is OfDataset {
  if (typeof value !== 'object' || value === null || !('ref' in value)) return false;
  const { ref } = value;
  return typeof ref === 'object' && ref !== null && 'folder' in ref && 'name' in ref;
}

function noDataset(): ActionableError {
  return new ActionableError(vscode.l10n.t('There is no dataset in this workspace.'), [
    commandAction(vscode.l10n.t('Create Dataset…'), 'longhand.createDataset'),
    commandAction(vscode.l10n.t('Open Sample Dataset'), 'longhand.openSample'),
  ]);
}

function badSettings(ref: DatasetRef, { message, advice }: Error & { advice: string }): ActionableError {
  const open = () => vscode.commands.executeCommand('longhand.openSettingsFile', { ref });
  return new ActionableError(`${message} ${advice}`, [{ title: vscode.l10n.t('Open Settings File'), run: open }]);
}
